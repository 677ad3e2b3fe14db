// Where one is in a page's text: ties its lines and words to their boxes on the image, for pointer and keyboard.
import { mayChange } from './review-save.js';

export const lineNumberOf = (element) => element?.closest?.('[data-line]')?.dataset.line;
export const lineOf = (number) => document.getElementById(`line-${number}`);
export const lineById = (id) => document.querySelector(`.line[data-id="${id}"]`);
export const wordOf = (id) => document.querySelector(`.word[data-word="${id}"], .edit[data-word="${id}"]`);
export const lines = () => document.getElementById('lines');
const calm = matchMedia('(prefers-reduced-motion: reduce)');
/** The number of a line, and perhaps a word in it. */
export const current = { line: undefined, word: undefined };
let litNumber;

export function prepareLine(line, tabIndex) {
  line.tabIndex = tabIndex;
  const link = line.querySelector('.line-edit');
  if (link) link.tabIndex = tabIndex;
}

function light(number) {
  if (number === litNumber) return;
  for (const lit of document.querySelectorAll('.is-lit')) lit.classList.remove('is-lit');
  litNumber = number;
  if (!number) return;
  for (const part of document.querySelectorAll(`.line[data-line="${number}"], .box[data-line="${number}"]`)) {
    part.classList.add('is-lit');
  }
}

export function lightAgain() {
  const number = litNumber ?? lineNumberOf(document.activeElement);
  litNumber = undefined;
  light(number);
  markWord(current.word);
}

export function focusLine(line) {
  if (!line) return;
  makeStop(line);
  line.focus({ preventScroll: true });
  line.scrollIntoView({ block: 'nearest', behavior: calm.matches ? 'auto' : 'smooth' });
}

export function focusWord(word) {
  if (!word) return;
  makeStop(word.closest('.line'));
  word.tabIndex = -1;
  word.setAttribute('role', 'button');
  if (mayChange()) word.setAttribute('aria-describedby', 'word-hint');
  word.focus({ preventScroll: true });
  word.closest('.line').scrollIntoView({ block: 'nearest', behavior: calm.matches ? 'auto' : 'smooth' });
}

export function makeStop(line) {
  const stop = lines().querySelector('.line[tabindex="0"]');
  if (stop) prepareLine(stop, -1);
  prepareLine(line, 0);
}

/** Scrolls the desk, and only the desk, until the box is in view. */
function showBox(box) {
  const desk = document.getElementById('desk');
  if (!box || !desk) return;
  const [inner, outer] = [box.getBoundingClientRect(), desk.getBoundingClientRect()];
  const isSeen =
    inner.top >= outer.top &&
    inner.bottom <= outer.bottom &&
    inner.left >= outer.left &&
    inner.right <= outer.right;
  if (isSeen) return;
  desk.scrollBy({
    top: (inner.top + inner.bottom - outer.top - outer.bottom) / 2,
    left: (inner.left + inner.right - outer.left - outer.right) / 2,
    behavior: calm.matches ? 'auto' : 'smooth',
  });
}

function markWord(id) {
  for (const marked of document.querySelectorAll('.is-current')) marked.classList.remove('is-current');
  if (!id) return;
  for (const part of document.querySelectorAll(`[data-word="${id}"]`)) part.classList.add('is-current');
}

document.addEventListener('focusin', ({ target }) => {
  const inText = target.closest?.('.line');
  light(inText?.dataset.line);
  if (!inText) return markWord(undefined);
  // on the way from a word to the buttons, the line's link is passed
  const isInLine = !target.matches('.line') && current.line === inText.dataset.line;
  const word = target.dataset.word ?? (isInLine ? current.word : undefined);
  Object.assign(current, { line: inText.dataset.line, word });
  markWord(word);
  showBox(
    document.querySelector(word ? `.box[data-word="${word}"]` : `.box[data-line="${inText.dataset.line}"]`),
  );
});

document.addEventListener('pointerover', ({ target }) => {
  light(lineNumberOf(target) ?? lineNumberOf(document.activeElement));
});
