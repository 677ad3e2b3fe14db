// Asks every 20 seconds whether the person may still see what is on the screen, and who else has it open. Rests while the
// tab is hidden. What changes more often is followed by htmx (live.js).
import { find } from './elements.js';
import { leaveIfGone } from './lost-access.js';

const everyMs = 20_000;
let askedAt = Number.NEGATIVE_INFINITY;
let isOver = false;

const watched = () => find('[data-watch]');

/** Those that only ask whether they may go on wait for their turn; who has a page open is shown at once. */
const isDue = () => performance.now() - askedAt >= everyMs;

async function ask() {
  const place = watched();
  if (!place || document.hidden || isOver) return;
  askedAt = performance.now();
  const { watch = '', csrf } = place.dataset;
  const answer = await fetch(watch, csrf ? { method: 'POST', headers: { 'x-csrf-token': csrf } } : {}).catch(
    () => undefined,
  );
  if (!answer) return; // the next one may arrive
  const text = await answer.text().catch(() => '');
  if (leaveIfGone(answer.status, text) || [401, 403].includes(answer.status)) isOver = true;
  else if (answer.status === 200) show(place, text);
}

/**
 * Leaves alone what has not changed, and what is being used.
 * @param {HTMLElement} place
 * @param {string} text
 */
function show(place, text) {
  const next = document.createElement('template');
  next.innerHTML = text;
  const isSame = (next.content.textContent ?? '').trim() === (place.textContent ?? '').trim();
  if (!isSame && !place.contains(document.activeElement)) place.replaceChildren(next.content);
}

setInterval(() => {
  if (isDue()) ask();
}, everyMs / 10);
document.addEventListener('visibilitychange', () => {
  if (isDue()) ask();
});
document.addEventListener('access:lost', () => {
  isOver = true;
});
if (watched()?.dataset.csrf) ask();
else askedAt = performance.now();
