// While htmx follows what happens to a project or a page: tells screen readers the news, rests while nobody looks,
// and owns up when it cannot follow any more.
import { announce } from './announce.js';
import { find, findById } from './elements.js';
import { leaveIfGone } from './lost-access.js';

const pauseBetweenNews = 8000;
const maxFailures = 5;
const follower = () => find('[hx-trigger^="every"]');
const newsNow = () => find('[data-announcement]')?.dataset.announcement;
let lastSaid = newsNow();
let lastSaidAt = 0;
let failures = 0;

function tellNews() {
  const news = newsNow();
  const isOver = !follower();
  if (!news || news === lastSaid || (!isOver && Date.now() - lastSaidAt < pauseBetweenNews)) return;
  lastSaid = news;
  lastSaidAt = Date.now();
  announce(news);
}

/** @param {boolean} isTrouble */
function showTrouble(isTrouble) {
  const note = findById('live-trouble');
  if (note) note.hidden = !isTrouble;
}

function stopFollowing() {
  const element = follower();
  if (!element) return;
  for (const name of ['hx-get', 'hx-trigger']) element.removeAttribute(name);
  window.htmx?.process(element, true);
}

/** @param {DocumentEventMap['htmx:error']} event */
const statusOf = (event) => event.detail.ctx?.response?.status ?? 0;

document.addEventListener('htmx:before:request', (event) => {
  if (document.hidden) event.preventDefault();
});

// Also comes after an answer that was not swapped in.
document.addEventListener('htmx:after:swap', (event) => {
  if (statusOf(event) >= 400) return;
  failures = 0;
  showTrouble(false);
  tellNews();
});

for (const trouble of /** @type {const} */ (['htmx:error', 'htmx:response:error'])) {
  document.addEventListener(trouble, (event) => {
    const status = statusOf(event);
    if (leaveIfGone(status, event.detail.ctx?.text)) return;
    failures += 1;
    showTrouble(true);
    if ([401, 403, 404].includes(status) || failures >= maxFailures) stopFollowing();
  });
}
