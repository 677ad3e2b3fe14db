// Where one is in a page's text: ties its lines and words to their boxes on the image, for pointer and keyboard.
import { closest, find, findAll, findById } from '../site/elements.js';
import { mayChange } from './save.js';

/** @param {EventTarget | null} target */
export const lineNumberOf = (target) =>
  closest(target, '[data-line]', Element)?.getAttribute('data-line') ?? undefined;
/** @param {string | undefined} number */
export const lineOf = (number) => findById(`line-${number}`);
/** @param {string} id */
export const lineById = (id) => find(`.line[data-id="${id}"]`);
/** @param {string | null | undefined} id */
export const wordOf = (id) => find(`.word[data-word="${id}"], .edit[data-word="${id}"]`);
export const lines = () => findById('lines');
const calm = matchMedia('(prefers-reduced-motion: reduce)');
/**
 * The number of a line, and perhaps a word in it.
 * @type {{ line: string | undefined, word: string | undefined }}
 */
export const current = { line: undefined, word: undefined };
/** @type {string | undefined} */
let litNumber;

/**
 * @param {HTMLElement} line
 * @param {number} tabIndex
 */
export function prepareLine(line, tabIndex) {
  line.tabIndex = tabIndex;
  for (const act of findAll('.line-edit, .line-accept', HTMLElement, line)) act.tabIndex = tabIndex;
}

/** @param {string | undefined} number */
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

/** @param {HTMLElement | undefined} line */
export function focusLine(line) {
  if (!line) return;
  makeStop(line);
  line.focus({ preventScroll: true });
  line.scrollIntoView({ block: 'nearest', behavior: calm.matches ? 'auto' : 'smooth' });
}

/** @param {HTMLElement | undefined} word */
export function focusWord(word) {
  const line = closest(word, '.line');
  if (!word || !line) return;
  makeStop(line);
  word.tabIndex = -1;
  word.setAttribute('role', 'button');
  const hints = [
    ...(word.classList.contains('handwriting') ? ['handwriting-hint'] : []),
    ...(mayChange() ? ['word-hint'] : []),
  ];
  if (hints.length > 0) word.setAttribute('aria-describedby', hints.join(' '));
  word.focus({ preventScroll: true });
  line.scrollIntoView({ block: 'nearest', behavior: calm.matches ? 'auto' : 'smooth' });
}

/** @param {HTMLElement} line */
export function makeStop(line) {
  const stop = find('#lines .line[tabindex="0"]');
  if (stop) prepareLine(stop, -1);
  prepareLine(line, 0);
}

/**
 * Scrolls the desk, and only the desk, until the box is in view.
 * @param {Element | null} box
 */
function showBox(box) {
  const desk = findById('desk');
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

/** @param {string | undefined} id */
function markWord(id) {
  for (const marked of document.querySelectorAll('.is-current')) marked.classList.remove('is-current');
  if (!id) return;
  for (const part of document.querySelectorAll(`[data-word="${id}"]`)) part.classList.add('is-current');
}

document.addEventListener('focusin', ({ target }) => {
  const inText = closest(target, '.line');
  light(inText?.dataset.line);
  if (!inText) return markWord(undefined);
  // on the way from a word to the buttons, the line's link is passed
  const isInLine = target !== inText && current.line === inText.dataset.line;
  const word =
    (target instanceof HTMLElement ? target.dataset.word : undefined) ??
    (isInLine ? current.word : undefined);
  Object.assign(current, { line: inText.dataset.line, word });
  markWord(word);
  showBox(
    document.querySelector(word ? `.box[data-word="${word}"]` : `.box[data-line="${inText.dataset.line}"]`),
  );
});

document.addEventListener('pointerover', ({ target }) => {
  light(lineNumberOf(target) ?? lineNumberOf(document.activeElement));
});
