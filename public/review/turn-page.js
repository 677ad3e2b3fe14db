// Rotates the page in its place: the button can be pressed again at once, and nothing that is being written is lost.
// Without it, the buttons load the page anew.
import { announce } from '../site/announce.js';
import { byId, closest, field, find, findAll, findById, get } from '../site/elements.js';
import { refresh, showScan } from './refresh.js';
import { mayChange, onAnswer, settled, showProblem, viewOf } from './save.js';

const findScan = () => findById('scan');
const rotationNow = () => Number(byId('scan').dataset.rotation);
/** @param {number} degrees */
const normalize = (degrees) => (degrees + 360) % 360;
/** @type {number | undefined} */
let wanted;
let isTurning = false;

/** Why a page was not rotated, for people if the server said it. */
class NotRotated extends Error {
  /**
   * @param {string | undefined} said
   * @param {boolean} isSignedOut
   */
  constructor(said, isSignedOut) {
    super('not rotated');
    this.said = said;
    this.isSignedOut = isSignedOut;
  }
}

/**
 * Several presses in a row add up, whatever is on its way.
 * @param {number} degrees
 */
function turn(degrees) {
  wanted = normalize((wanted ?? rotationNow()) + degrees);
  if (!isTurning) work(degrees < 0 ? 'left' : 'right');
}

/** @param {'left' | 'right'} direction */
async function work(direction) {
  isTurning = true;
  byId('scan').ariaBusy = 'true';
  try {
    await settled();
    while (wanted !== undefined && wanted !== rotationNow()) await showScan(await post(wanted));
    announce(`Page rotated ${direction}.`);
  } catch (error) {
    const { said, isSignedOut } = error instanceof NotRotated ? error : new NotRotated(undefined, false);
    const message = said ?? 'The page couldn’t be rotated. Try again.';
    showProblem(message, isSignedOut);
    announce(message);
  } finally {
    isTurning = false;
    wanted = undefined;
    const scan = findScan();
    if (scan) scan.ariaBusy = 'false';
  }
}

/** @param {number} rotation */
async function post(rotation) {
  const { revision = '', csrf = '' } = byId('review').dataset;
  const url = get('.rotate-form', HTMLFormElement).action;
  const body = new URLSearchParams({ _csrf: csrf, revision, rotation: String(rotation), fragment: 'yes' });
  const response = await fetch(url, { method: 'POST', body });
  const page = new DOMParser().parseFromString(await response.text(), 'text/html');
  if (response.ok) return page;
  throw new NotRotated(find('main p', HTMLElement, page)?.textContent, response.status === 401);
}

document.addEventListener('submit', (event) => {
  const button = event.submitter;
  if (!button?.matches('[data-turn]') || !findScan()) return;
  event.preventDefault();
  turn(Number(button.dataset.turn));
});

document.addEventListener('keydown', (event) => {
  const { key, target } = event;
  if (event.ctrlKey || event.metaKey || event.altKey || event.shiftKey || event.repeat) return;
  if (!mayChange() || !findScan() || localStorage.getItem('single-keys') === 'off') return;
  const isHere = target === document.body || closest(target, '#review');
  if (!isHere || closest(target, 'input, textarea, select, dialog')) return;
  const degrees = key === 'l' ? -90 : key === 'r' ? 90 : undefined;
  if (!degrees) return;
  event.preventDefault();
  turn(degrees);
});

// the buttons of a browser without script say the same
document.addEventListener('review:scan', () => {
  for (const { form, dataset } of findAll('[data-turn]', HTMLButtonElement))
    if (form) field(form, 'rotation').value = String(normalize(rotationNow() + Number(dataset.turn)));
});

// what Paperlift did by itself is told until somebody rotates the page
document.addEventListener('review:scan', () => {
  const note = findById('turned-note');
  if (!note || byId('scan').dataset.turned !== undefined) return;
  if (note.contains(document.activeElement)) byId('rotate-right').focus();
  note.remove();
});

/**
 * The button that straightens says the opposite then, so the page is loaded for it.
 * @param {DOMStringMap} shown
 */
function showOtherView({ straightened }) {
  if (straightened === byId('scan').dataset.straightened) refresh();
  else location.reload();
}

// an answer tells when the page was rotated otherwise: by Undo, or by somebody else
onAnswer(({ update }) => {
  if (update && findScan() && !isTurning && viewOf(update) !== viewOf(findScan()))
    showOtherView(update.dataset);
});
