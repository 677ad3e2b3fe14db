// Rotates the page in its place: the button can be pressed again at once, and nothing that is being written is lost.
// Without it, the buttons load the page anew.
import { announce } from './announce.js';
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
    while (wanted !== rotationNow()) await show(await post(wanted));
    announce(`Page rotated ${direction}.`);
  } catch (error) {
    const message = error.said ?? 'The page couldn’t be rotated. Try again.';
    showProblem(message);
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
  throw Object.assign(new Error('not rotated'), { said: page.querySelector('main p')?.textContent });
}

/** Shows the scan of an answer with its boxes, once its image is there. */
async function show(page) {
  const turned = page.getElementById('scan');
  const image = new Image();
  image.src = turned.querySelector('img').src;
  await image.decode().catch(() => {}); // the page then shows what went wrong
  scan().replaceWith(turned);
  for (const { form, dataset } of document.querySelectorAll('[data-turn]'))
    form.elements.rotation.value = normalize(rotationNow() + Number(dataset.turn));
  const undo = document.querySelector('[data-act="undo"]');
  if (undo) undo.disabled = turned.dataset.canUndo !== 'true';
  document.dispatchEvent(new CustomEvent('review:scan'));
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

// an answer tells when the page was rotated otherwise: by Undo, or by somebody else
onAnswer(async ({ update }) => {
  if (!update || !scan() || isTurning || Number(update.dataset.rotation) === rotationNow()) return;
  const answer = await fetch(location.pathname + location.search);
  if (!answer.ok) return;
  const page = new DOMParser().parseFromString(await answer.text(), 'text/html');
  if (page.getElementById('scan')) await show(page);
});
