// Rotates the page in its place: the button can be pressed again at once, and nothing that is being written is lost.
// Without it, the buttons load the page anew.
import { announce } from './announce.js';
import { refresh, showScan } from './review-refresh.js';
import { mayChange, onAnswer, settled, showProblem } from './review-save.js';

const scan = () => document.getElementById('scan');
const review = () => document.getElementById('review');
const rotationNow = () => Number(scan().dataset.rotation);
const normalize = (degrees) => (degrees + 360) % 360;
let wanted;
let isTurning = false;

/** Several presses in a row add up, whatever is on its way. */
function turn(degrees) {
  wanted = normalize((wanted ?? rotationNow()) + degrees);
  if (!isTurning) work(degrees < 0 ? 'left' : 'right');
}

async function work(direction) {
  isTurning = true;
  scan().ariaBusy = 'true';
  try {
    await settled();
    while (wanted !== rotationNow()) await showScan(await post(wanted));
    announce(`Page rotated ${direction}.`);
  } catch (error) {
    const message = error.said ?? 'The page couldn’t be rotated. Try again.';
    showProblem(message, error.isSignedOut);
    announce(message);
  } finally {
    isTurning = false;
    wanted = undefined;
    if (scan()) scan().ariaBusy = 'false';
  }
}

async function post(rotation) {
  const { revision, csrf } = review().dataset;
  const url = document.querySelector('.rotate-form').action;
  const body = new URLSearchParams({ _csrf: csrf, revision, rotation, fragment: 'yes' });
  const response = await fetch(url, { method: 'POST', body });
  const page = new DOMParser().parseFromString(await response.text(), 'text/html');
  if (response.ok) return page;
  const said = page.querySelector('main p')?.textContent;
  throw Object.assign(new Error('not rotated'), { said, isSignedOut: response.status === 401 });
}

document.addEventListener('submit', (event) => {
  const button = event.submitter;
  if (!button?.matches('[data-turn]') || !scan()) return;
  event.preventDefault();
  turn(Number(button.dataset.turn));
});

document.addEventListener('keydown', (event) => {
  const { key, target } = event;
  if (event.ctrlKey || event.metaKey || event.altKey || event.shiftKey || event.repeat) return;
  if (!mayChange() || !scan() || localStorage.getItem('single-keys') === 'off') return;
  const isHere = target === document.body || target.closest?.('#review');
  if (!isHere || target.closest?.('input, textarea, select, dialog')) return;
  const degrees = { l: -90, r: 90 }[key];
  if (!degrees) return;
  event.preventDefault();
  turn(degrees);
});

// the buttons of a browser without script say the same
document.addEventListener('review:scan', () => {
  for (const { form, dataset } of document.querySelectorAll('[data-turn]'))
    form.elements.rotation.value = normalize(rotationNow() + Number(dataset.turn));
});

// an answer tells when the page was rotated otherwise: by Undo, or by somebody else
onAnswer(({ update }) => {
  if (update && scan() && !isTurning && Number(update.dataset.rotation) !== rotationNow()) refresh();
});
