// When a share is taken back while its page is open: what was shown of the project leaves the screen at once.
import { byId } from './elements.js';

const notices = {
  'project-not-found': {
    title: 'You no longer have access to this project.',
    why: 'It was deleted, or it’s no longer shared with you.',
    link: { text: 'Go to your projects', url: () => '/' },
  },
  'page-not-found': {
    title: 'This page was deleted.',
    why: 'It can be restored from the project for an hour.',
    link: { text: 'Go to the project', url: () => location.pathname.replace(/\/pages\/.*/, '') },
  },
};

/** @typedef {keyof typeof notices} Gone */
const codes = /** @type {Gone[]} */ (Object.keys(notices));

/**
 * Shows that the project or page is gone, if that is what an answer says.
 * @param {number} status
 * @param {string | undefined} text
 */
export function leaveIfGone(status, text) {
  const code = status === 404 ? codes.find((each) => text?.includes(each)) : undefined;
  if (code) leave(code);
  return code !== undefined;
}

/** @param {Gone} code */
function leave(code) {
  const { title, why, link } = notices[code];
  document.dispatchEvent(new CustomEvent('access:lost'));
  for (const key of Object.keys(sessionStorage))
    if (key.includes(location.pathname)) sessionStorage.removeItem(key); // what was being written there
  document.title = `${title.slice(0, -1)} · Paperlift`;
  document.body.className = '';
  const card = element('div', 'card notice');
  card.append(
    element('h1', '', title),
    element('p', '', why),
    Object.assign(element('a', 'button primary lost-link', link.text), { href: link.url() }),
  );
  const column = element('div', 'column narrow');
  column.setAttribute('role', 'alert');
  column.append(card);
  const main = byId('main');
  main.replaceChildren(column);
  main.focus({ preventScroll: true });
  scrollTo(0, 0);
}

/**
 * @template {keyof HTMLElementTagNameMap} Name
 * @param {Name} name
 * @param {string} className
 */
function element(name, className, text = '') {
  return Object.assign(document.createElement(name), { className, textContent: text });
}
