// The card that signs a phone in: counts down while its link is good, then says what the phone has added.
import { byId, find, findById, matches } from '../site/elements.js';

const pollEveryMs = 2000;
// a phone may stay signed in for an hour
const pollForMs = 65 * 60_000;
/** @type {number | undefined} */
let polling;
let shownAt = 0;

const findCard = () => findById('phone-link');

document.addEventListener('htmx:after:swap', () => {
  const card = findCard();
  if (!card || card.dataset.isShown) return;
  card.dataset.isShown = 'yes';
  shownAt = Date.now();
  card.focus();
  clearInterval(polling);
  polling = setInterval(poll, pollEveryMs);
  showLeft(card);
});

document.addEventListener('click', ({ target }) => {
  if (matches(target, '#phone-link-new')) byId('use-phone', HTMLButtonElement).form?.requestSubmit();
  if (!matches(target, '#phone-link-close')) return;
  findCard()?.remove();
  const opener = ['use-phone', 'use-other-phone']
    .map((id) => findById(id))
    .findLast((button) => button?.checkVisibility());
  opener?.focus();
});

async function poll() {
  const card = findCard();
  if (!card || Date.now() - shownAt > pollForMs) return clearInterval(polling);
  if (card.dataset.state === 'waiting') showLeft(card);
  if (document.hidden) return;
  await followPhone(card.dataset.linkUrl ?? '');
  const statusUrl = findCard()?.dataset.statusUrl;
  const isFollowedAnyway = find('#live[hx-trigger]');
  if (!statusUrl || isFollowedAnyway) return;
  window.htmx?.ajax('GET', statusUrl, { target: '#live', swap: 'outerMorph' });
}

/** @param {string} linkUrl */
async function followPhone(linkUrl) {
  const answer = await fetch(linkUrl, { headers: { accept: 'application/json' } }).catch(() => undefined);
  if (!answer?.ok) return;
  /** @type {{ state: string, message: string }} */
  const { state, message } = await answer.json();
  const card = findCard();
  if (card?.dataset.linkUrl !== linkUrl) return; // another link meanwhile
  if (state === 'expired' || state === 'ended') clearInterval(polling);
  const hadFocus = card.contains(document.activeElement);
  card.dataset.state = state;
  byId('phone-link-new').hidden = state !== 'expired' && state !== 'ended';
  if (byId('phone-link-news').textContent !== message) byId('phone-link-news').textContent = message;
  // what had the focus may be hidden now
  if (hadFocus && !document.activeElement?.checkVisibility()) card.focus({ preventScroll: true });
}

/**
 * By the server's clock.
 * @param {HTMLElement} card
 */
function showLeft(card) {
  const { endsAt = '', now = '' } = card.dataset;
  const goodForMs = Date.parse(endsAt) - Date.parse(now);
  const seconds = Math.max(0, Math.round((shownAt + goodForMs - Date.now()) / 1000));
  byId('phone-link-left').textContent =
    `Link expires in ${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}.`;
}
