// The keys and buttons of review: from one word to check to the next, and what is done to where one is. Without it, everything
// can be read, and changed by forms.
/** @import { Draft } from '../types.d.ts' */
import './copy-text.js';
import { announce } from '../site/announce.js';
import { byId, closest, find, findAll, findById, matches, textsOf } from '../site/elements.js';
import { editAdded } from './add-line.js';
import { drafts, keepPlace, takePlace } from './drafts.js';
import { accept, acceptAll, editLine, editWord, revert, writeWord } from './edit-line.js';
import {
  current,
  focusLine,
  focusWord,
  lightAgain,
  lineById,
  lineNumberOf,
  lineOf,
  lines,
  makeStop,
  prepareLine,
  wordOf,
} from './place.js';
import { refresh } from './refresh.js';
import { mayChange, onAnswer, send, settled } from './save.js';

/** @typedef {'next' | 'previous'} Way */

/** @returns {DOMStringMap} */
const toCheck = () => findById('to-check')?.dataset ?? {};
/**
 * @param {HTMLElement} line
 * @param {number | undefined} place
 */
const wordAt = (line, place = -1) => findAll('.word', HTMLElement, line)[place];

/** The list of lines is one stop of the Tab key; arrows move inside it. */
function prepare() {
  const list = lines();
  if (!list || list.querySelector('.line[tabindex]')) return;
  list.removeAttribute('tabindex');
  for (const [index, line] of findAll(':scope > *', HTMLElement, list).entries())
    prepareLine(line, index === 0 ? 0 : -1);
  showKeys();
  const asked = new URLSearchParams(location.search).get('check');
  if (!asked) return;
  const left = new URLSearchParams(location.search);
  left.delete('check');
  history.replaceState(null, '', `${location.pathname}${left.size > 0 ? `?${left}` : ''}`);
  focusWord(findAll('.word.doubt').at(asked === 'last' ? -1 : 0));
}

/** Goes on where somebody was when the session ended, with what was being written. It is saved by Enter, as ever. */
function restore() {
  const place = takePlace();
  const [id, draft] = drafts().findLast(([lineId, { isAdded }]) => !isAdded && lineById(lineId)) ?? [];
  const line = id === undefined ? undefined : lineById(id);
  if (!line || !draft || find('.line .edit')) {
    const former = place && lineById(place.line);
    const word = former && wordAt(former, place.word);
    if (word) focusWord(word);
    else focusLine(former);
    return;
  }
  const word = wordAt(line, draft.place);
  makeStop(line);
  if (word && word.textContent === draft.read && line.dataset.text === draft.seen) correctWord(word, draft);
  else correctLine(line, draft);
  announce('Unsaved text restored. Press Enter to save it, Escape to discard it.');
}

document.addEventListener('review:leave', () => {
  const line = lineOf(current.line);
  if (!line) return;
  const word = wordOf(current.word);
  const words = findAll('.word', HTMLElement, line);
  keepPlace({ line: line.dataset.id ?? '', word: word ? words.indexOf(word) : -1 });
});

// --- from word to word

/**
 * @param {HTMLElement} from
 * @param {HTMLElement} word
 */
const followsOn = (from, word) => from.compareDocumentPosition(word) & Node.DOCUMENT_POSITION_FOLLOWING;

/**
 * The next word to check after where one is, or the one before; on this page.
 * @param {Way} way
 */
function findDoubtful(way) {
  const doubtful = findAll('.word.doubt');
  const from = wordOf(current.word) ?? lineOf(current.line);
  if (!from) return way === 'next' ? doubtful[0] : doubtful.at(-1);
  return way === 'next'
    ? doubtful.find((word) => word !== from && followsOn(from, word))
    : doubtful.findLast((word) => word !== from && followsOn(word, from));
}

/**
 * One key away, across the pages of the project; after the last one, from the first again.
 * @param {Way} way
 */
async function goToDoubtful(way) {
  if (lineOf(current.line)?.ariaBusy) await settled().catch(() => {});
  const found = findDoubtful(way);
  if (found) return focusWord(found);
  const url = toCheck()[way];
  if (url) return leaveFor(url);
  const first = findAll('.word.doubt').at(way === 'next' ? 0 : -1);
  if (first) return focusWord(first);
  announce('No unsure words left.');
}

/** @param {string} url */
async function leaveFor(url) {
  try {
    await settled();
    location.assign(url);
  } catch {
    announce('Some changes aren’t saved yet. Try again before you continue.');
  }
}

/** After a word is done: what somebody has to choose, or the next one on this page, and no further without being asked. */
function goOn() {
  const conflict = find('.conflict');
  if (conflict) return conflict.focus();
  const next = findDoubtful('next') ?? find('.word.doubt');
  if (next) focusWord(next);
  else focusLine(lineOf(current.line));
}

function sayLeft() {
  const { here, nextNumber } = toCheck();
  if (Number(here) > 0) return `${here} left.`;
  return nextNumber
    ? `All words on this page are checked. Press n for page ${nextNumber}.`
    : 'All words are checked.';
}

onAnswer(({ step, status, message, lines: came = [] }) => {
  if (status === 0) announce(`Not saved. ${message ?? 'Try again.'}`);
  else if (status === 409 && find('.has-conflict')) {
    announce('Someone else changed this line at the same time. Choose the right version.');
    if (!matches(document.activeElement, '.edit')) find('.conflict')?.focus();
  } else if (status >= 400) announce(message ?? 'Not saved.');
  else if (step.fields.do === 'undo') {
    const word = came.flatMap((number) => find(`#line-${number} .word.doubt`) ?? [])[0];
    if (word) focusWord(word);
    else focusLine(lineOf(came[0]));
    announce(`Undone. ${sayLeft()}`);
  } else if (step.said) announce(`${step.said}. ${sayLeft()}`);
  if (status >= 400 && step.fields.do === 'accept-all') refresh(); // the marks were taken off already
  lightAgain();
});

// --- what the keys and buttons do, to where one is

/** @typedef {Way | 'accept' | 'accept-line' | 'accept-page' | 'correct' | 'as-detected' | 'undo'} Action */

/**
 * `at`: the line of the button, if it is one of a line.
 * @type {Record<Action, (at?: HTMLElement) => unknown>}
 */
const actions = {
  next: () => goToDoubtful('next'),
  previous: () => goToDoubtful('previous'),
  accept() {
    const word = wordOf(current.word);
    if (!word?.classList.contains('doubt')) return goToDoubtful('next');
    accept(word);
    goOn();
  },
  'accept-line'(at = lineOf(current.line)) {
    const words = at ? findAll('.word.doubt', HTMLElement, at) : [];
    if (!at || words.length === 0) return announce('This line has no unsure words.');
    makeStop(at);
    Object.assign(current, { line: at.dataset.line, word: words.at(-1)?.dataset.word });
    acceptAll(words, `line ${at.dataset.line}`);
    goOn();
  },
  'accept-page'() {
    const words = findAll('.word.doubt');
    if (words.length === 0) return announce('This page has no unsure words.');
    acceptAll(words, 'this page');
    focusLine(lineOf(current.line) ?? lineOf('1'));
  },
  correct() {
    const [word, line] = [wordOf(current.word), lineOf(current.line)];
    if (word) correctWord(word);
    else if (line) correctLine(line);
  },
  'as-detected'() {
    const line = lineOf(current.line);
    if (!line || !revert(line)) return announce('This line hasn’t been changed.');
    if (document.activeElement === document.body) focusLine(line);
  },
  undo: () => send({ do: 'undo' }),
};

/**
 * @param {HTMLElement} word
 * @param {Draft} [draft]
 */
function correctWord(word, draft) {
  const id = word.dataset.word;
  const line = closest(word, '.line');
  if (line) makeStop(line);
  /** @param {string} [key] */
  const after = (key) => {
    if (key === 'Enter') goOn();
    else if (key === 'Escape') focusWord(wordOf(id));
  };
  editWord(word, after, draft);
}

/**
 * @param {HTMLElement} line
 * @param {Draft} [draft]
 */
function correctLine(line, draft) {
  if (line.matches('.is-added') && !draft) return editAdded(line);
  const number = line.dataset.line;
  makeStop(line);
  /** @param {string} [key] */
  const after = (key) => {
    if (key) focusLine(lineOf(number));
  };
  editLine(line, after, draft);
}

/** Single keys can be switched off: people who dictate would press them by speaking (WCAG 2.1.4). */
const areKeysOn = () => localStorage.getItem('single-keys') !== 'off';

function showKeys() {
  findById('single-keys')?.setAttribute('aria-pressed', String(areKeysOn()));
  findById('review')?.classList.toggle('has-no-keys', !areKeysOn());
}

/** @type {Record<string, Action>} */
const keys = { n: 'next', p: 'previous', e: 'correct', F2: 'correct', d: 'as-detected' };

document.addEventListener('keydown', (event) => {
  const { key, target } = event;
  if (closest(target, 'input, textarea, select, [contenteditable], dialog')) return;
  if ((event.ctrlKey || event.metaKey) && !event.shiftKey && key === 'z' && mayChange()) {
    event.preventDefault();
    return actions.undo();
  }
  if (key === 'Enter' && (event.ctrlKey || event.metaKey || event.shiftKey) && !event.altKey) {
    if (!closest(target, '.line, #desk') && target !== document.body) return; // a link or button of the page
    if (!lines() || !mayChange() || event.repeat) return;
    event.preventDefault();
    return actions[event.shiftKey ? 'accept-line' : 'accept-page']();
  }
  if (event.ctrlKey || event.metaKey || event.altKey || event.shiftKey) return;
  const isHere = target === document.body || closest(target, '#review');
  const action = isHere && lines() && (key.length > 1 || areKeysOn()) ? keys[key] : undefined;
  const line = closest(target, '.line');
  if (action && (mayChange() || action === 'next' || action === 'previous')) {
    event.preventDefault();
    actions[action]();
  } else if (line && target instanceof HTMLElement) keyInLine(event, target, line);
  if (!event.defaultPrevented) turnPage(event);
});

/**
 * @param {HTMLElement} line
 * @param {string} key
 */
function lineBeside(line, key) {
  if (key === 'ArrowDown') return line.nextElementSibling;
  return key === 'ArrowUp' ? line.previousElementSibling : undefined;
}

/**
 * @param {KeyboardEvent} event
 * @param {HTMLElement} target
 * @param {HTMLElement} line
 */
function keyInLine(event, target, line) {
  const isLine = target === line;
  const isWord = target.classList.contains('word');
  const beside = lineBeside(line, event.key);
  if (beside instanceof HTMLElement && (isLine || isWord)) focusLine(beside);
  else if (isWord && ['ArrowLeft', 'ArrowRight'].includes(event.key)) {
    const words = findAll('.word');
    focusWord(words[words.indexOf(target) + (event.key === 'ArrowRight' ? 1 : -1)]);
  } else if (isWord && event.key === 'Escape') focusLine(line);
  else if (!mayChange() || event.repeat) return;
  else if (isWord && event.key === 'Enter') actions.accept();
  else if (isWord && event.key === ' ') correctWord(target);
  else if (isWord && event.key === 'Delete') {
    writeWord(target, '');
    goOn();
  } else if (isLine && event.key === 'Enter') correctLine(line);
  else return;
  event.preventDefault();
}

/** @param {KeyboardEvent} event */
function turnPage({ key, target }) {
  const desk = closest(target, '#desk');
  const isBusy = closest(target, 'details[open], .zoom, .acts');
  if (isBusy || (desk && desk.scrollWidth > desk.clientWidth)) return;
  const way = key === 'ArrowLeft' ? 'prev' : key === 'ArrowRight' ? 'next' : undefined;
  if (way) find(`a[rel="${way}"]`)?.click();
}

/**
 * @param {string | undefined} name
 * @returns {name is Action}
 */
const isAction = (name) => name !== undefined && name in actions;

document.addEventListener('click', (event) => {
  const { target } = event;
  const name = closest(target, '[data-act]')?.dataset.act;
  if (isAction(name) && lines()) {
    event.preventDefault();
    return actions[name](closest(target, '.line') ?? undefined);
  }
  if (matches(target, '#copy')) return;
  if (closest(target, '#single-keys')) {
    localStorage.setItem('single-keys', areKeysOn() ? 'off' : 'on');
    return showKeys();
  }
  if (closest(target, 'form')) return;
  const line = lineOf(lineNumberOf(target));
  if (!line || closest(target, '.edit') || !getSelection()?.isCollapsed) return;
  const link = closest(target, '.line-edit');
  const word = closest(target, '.word');
  const box = closest(target, '.box', SVGElement);
  if (link) event.preventDefault();
  if (link) correctLine(line);
  else if (word && mayChange()) correctWord(word);
  else if (word || box) focusWord(wordOf((word ?? box)?.dataset.word));
  else focusLine(line);
});

document.addEventListener('submit', async (event) => {
  const { target: form, submitter } = event;
  if (!(form instanceof HTMLFormElement) || !(submitter instanceof HTMLButtonElement)) return;
  if (form.matches('.conflict-form')) {
    event.preventDefault();
    const {
      line = '',
      seen = '',
      text = '',
      polygon,
      rotation = '',
      straightened = '',
    } = Object.fromEntries(textsOf(form));
    const action = submitter.value;
    const fields =
      action === 'keep'
        ? { do: action, line }
        : { do: action, line, seen, text, ...(polygon ? { polygon, rotation, straightened } : {}) };
    send(fields, { line: lineNumberOf(form), said: action === 'keep' ? 'Kept theirs' : 'Saved yours' });
  } else if (form.matches('.review-mark')) {
    event.preventDefault();
    try {
      await settled();
      if (submitter.value === 'reviewed' && askToMark()) return;
      form.append(
        Object.assign(document.createElement('input'), {
          type: 'hidden',
          name: 'do',
          value: submitter.value,
        }),
      );
      form.submit();
    } catch {
      announce('Some changes aren’t saved yet. Try again before you continue.');
    }
  }
});

document.addEventListener('keys:changed', showKeys);
/** Whether words are unchecked: then the dialog asks what is to be done. */
function askToMark() {
  const here = Number(toCheck().here);
  if (!(here > 0)) return false;
  const count = byId('mark-count');
  count.textContent = here === 1 ? '1 word is' : `${new Intl.NumberFormat('en').format(here)} words are`;
  byId('mark-dialog', HTMLDialogElement).showModal();
  return true;
}

document.addEventListener('click', (event) => {
  if (!matches(event.target, '#mark-check') || !lines()) return;
  event.preventDefault();
  byId('mark-dialog', HTMLDialogElement).close();
  focusWord(find('.word.doubt'));
});

document.addEventListener('review:all', ({ detail }) => {
  prepare();
  lightAgain();
  if (detail.lineId) focusLine(lineById(detail.lineId));
});
document.addEventListener('review:again', () => {
  const word = wordOf(current.word);
  if (word) focusWord(word);
  else focusLine(lineOf(current.line));
});
document.addEventListener('review:line', ({ detail }) => {
  prepareLine(detail.line, detail.line.tabIndex);
  lightAgain();
});
document.addEventListener('review:scan', lightAgain);
document.addEventListener('htmx:after:swap', prepare);
prepare();
if (lines()) restore();
