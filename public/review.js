// Ties the lines to the words' boxes on the image, for pointer and keyboard; copies the text. Without it, both can be read.
const lineNumberOf = (element) => element?.closest?.('[data-line]')?.dataset.line;
const lineOf = (number) => document.getElementById(`line-${number}`);
const lines = () => document.getElementById('lines');
const calm = matchMedia('(prefers-reduced-motion: reduce)');
let litNumber;
let currentWord;

/** The list of lines is one stop of the Tab key; arrows move inside it. */
function prepare() {
  const list = lines();
  if (!list || list.querySelector('[tabindex]')) return;
  list.removeAttribute('tabindex');
  for (const line of list.children) line.tabIndex = -1;
  if (list.firstElementChild) list.firstElementChild.tabIndex = 0;
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

function lightFocused() {
  light(lineNumberOf(document.activeElement));
}

function focusLine(line) {
  if (!line) return;
  lines().querySelector('[tabindex="0"]')?.setAttribute('tabindex', '-1');
  line.tabIndex = 0;
  line.focus({ preventScroll: true });
  line.scrollIntoView({ block: 'nearest', behavior: calm.matches ? 'auto' : 'smooth' });
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
  currentWord = id;
  if (!id) return;
  for (const part of document.querySelectorAll(`[data-word="${id}"]`)) part.classList.add('is-current');
}

function goToNextDoubtful() {
  const doubtful = [...document.querySelectorAll('.word.doubt')];
  const at = doubtful.findIndex((word) => word.dataset.word === currentWord);
  const focused = Number(lineNumberOf(document.activeElement) ?? 0);
  const next =
    at >= 0
      ? doubtful[(at + 1) % doubtful.length]
      : (doubtful.find((word) => Number(lineNumberOf(word)) >= focused) ?? doubtful[0]);
  if (!next) return;
  focusLine(next.closest('.line'));
  markWord(next.dataset.word);
  showBox(document.querySelector(`.box[data-word="${next.dataset.word}"]`));
  say(`Check “${next.textContent}”`);
}

function say(text) {
  document.getElementById('review-status').textContent = text;
}

async function copyText(button) {
  const text = [...document.querySelectorAll('.line-text')].map((line) => line.textContent).join('\n');
  const isCopied = await write(text);
  button.textContent = isCopied ? 'Copied' : 'Not copied';
  say(
    isCopied ? 'The text of the page is copied' : 'The text was not copied: select it and copy it yourself',
  );
  setTimeout(() => {
    button.textContent = 'Copy text';
  }, 2000);
}

async function write(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    const field = document.createElement('textarea');
    field.value = text;
    document.body.append(field);
    field.select();
    const isCopied = document.execCommand('copy');
    field.remove();
    document.getElementById('copy')?.focus();
    return isCopied;
  }
}

document.addEventListener('pointerover', (event) => {
  const number = lineNumberOf(event.target);
  if (number) light(number);
  else lightFocused();
});

document.addEventListener('focusin', (event) => {
  const number = event.target.classList?.contains('line') ? event.target.dataset.line : undefined;
  light(number);
  if (number !== currentWord?.split('-')[0]) markWord(undefined);
  if (number) showBox(document.querySelector(`.box[data-line="${number}"]`));
});

document.addEventListener('click', (event) => {
  if (event.target.id === 'copy') copyText(event.target);
  const number = lineNumberOf(event.target);
  if (number && getSelection().isCollapsed) focusLine(lineOf(number));
});

document.addEventListener('keydown', (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.shiftKey) return;
  const line = event.target.closest?.('.line');
  if (line) {
    if (event.key === 'n') goToNextDoubtful();
    const beside = { ArrowDown: line.nextElementSibling, ArrowUp: line.previousElementSibling }[event.key];
    if (beside) focusLine(beside);
    if (beside || event.key === 'n') event.preventDefault();
  }
  const desk = event.target.closest?.('#desk');
  const isBusy = event.target.closest?.('input, textarea, select, [contenteditable], details[open]');
  if (isBusy || (desk && desk.scrollWidth > desk.clientWidth)) return;
  const way = { ArrowLeft: 'prev', ArrowRight: 'next' }[event.key];
  if (way) document.querySelector(`a[rel="${way}"]`)?.click();
});

document.addEventListener('htmx:after:swap', prepare);
prepare();
