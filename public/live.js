// While htmx follows what happens to a project or a page: tells screen readers the news, rests while nobody looks,
// and owns up when it cannot follow any more.
import { announce } from './announce.js';

const pauseBetweenNews = 8000;
const mostFailures = 5;
const follower = () => document.querySelector('[hx-trigger^="every"]');
const newsNow = () => document.querySelector('[data-announcement]')?.dataset.announcement;
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

function showTrouble(isTrouble) {
  const note = document.getElementById('live-trouble');
  if (note) note.hidden = !isTrouble;
}

function stopFollowing() {
  const element = follower();
  if (!element) return;
  for (const name of ['hx-get', 'hx-trigger']) element.removeAttribute(name);
  window.htmx.process(element, true);
}

document.addEventListener('htmx:before:request', (event) => {
  if (document.hidden) event.preventDefault();
});

// Also comes after an answer that was not swapped in.
document.addEventListener('htmx:after:swap', (event) => {
  if (event.detail.ctx?.response?.status >= 400) return;
  failures = 0;
  showTrouble(false);
  tellNews();
});

for (const trouble of ['htmx:error', 'htmx:response:error']) {
  document.addEventListener(trouble, (event) => {
    const status = event.detail.ctx?.response?.status ?? 0;
    failures += 1;
    showTrouble(true);
    if ([401, 403, 404].includes(status) || failures >= mostFailures) stopFollowing();
  });
}
