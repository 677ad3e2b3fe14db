// The keys and buttons of review: from one word to check to the next, and what is done to where one is. Without it, everything
// can be read, and changed by forms.
import './review-copy.js';
import { announce } from './announce.js';
import { editAdded } from './review-add.js';
import { drafts, keepPlace, takePlace } from './review-draft.js';
import { accept, editLine, editWord, revert, writeWord } from './review-edit.js';
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
} from './review-place.js';
import { mayChange, onAnswer, send, settled } from './review-save.js';

const toCheck = () => document.getElementById('to-check')?.dataset ?? {};

/** The list of lines is one stop of the Tab key; arrows move inside it. */
function prepare() {
  const list = lines();
  if (!list || list.querySelector('.line[tabindex]')) return;
  list.removeAttribute('tabindex');
  for (const line of list.children) prepareLine(line, -1);
  if (list.firstElementChild) prepareLine(list.firstElementChild, 0);
  showKeys();
  const asked = new URLSearchParams(location.search).get('check');
  if (!asked) return;
  const left = new URLSearchParams(location.search);
  left.delete('check');
  history.replaceState(null, '', `${location.pathname}${left.size > 0 ? `?${left}` : ''}`);
  const words = document.querySelectorAll('.word.doubt');
  if (words.length > 0) focusWord(words[asked === 'last' ? words.length - 1 : 0]);
}

/** Goes on where somebody was when the session ended, with what was being written. It is saved by Enter, as ever. */
function restore() {
  const place = takePlace();
  const [id, draft] = drafts().findLast(([lineId, { isAdded }]) => !isAdded && lineById(lineId)) ?? [];
  if (!id || document.querySelector('.line .edit')) {
    const line = place && lineById(place.line);
    const word = line?.querySelectorAll('.word')[place.word];
    if (word) focusWord(word);
    else if (line) focusLine(line);
    return;
  }
  const line = lineById(id);
  const word = line.querySelectorAll('.word')[draft.place];
  makeStop(line);
  if (word?.textContent === draft.read && line.dataset.text === draft.seen) correctWord(word, draft);
  else correctLine(line, draft);
  announce('Unsaved text restored. Press Enter to save it, Escape to discard it.');
}

document.addEventListener('review:leave', () => {
  const line = lineOf(current.line);
  if (!line) return;
  const words = [...line.querySelectorAll('.word')];
  keepPlace({ line: line.dataset.id, word: words.indexOf(wordOf(current.word)) });
});

// --- from word to word

const followsOn = (from, word) => from.compareDocumentPosition(word) & Node.DOCUMENT_POSITION_FOLLOWING;

/** The next word to check after where one is, or the one before; on this page. */
function findDoubtful(way) {
  const doubtful = [...document.querySelectorAll('.word.doubt')];
  const from = wordOf(current.word) ?? lineOf(current.line);
  if (!from) return way === 'next' ? doubtful[0] : doubtful.at(-1);
  return way === 'next'
    ? doubtful.find((word) => word !== from && followsOn(from, word))
    : doubtful.findLast((word) => word !== from && followsOn(word, from));
}

/** One key away, across the pages of the project; after the last one, from the first again. */
async function goToDoubtful(way) {
  if (lineOf(current.line)?.ariaBusy) await settled().catch(() => {});
  const found = findDoubtful(way);
  if (found) return focusWord(found);
  const url = toCheck()[way];
  if (url) return leaveFor(url);
  const doubtful = document.querySelectorAll('.word.doubt');
  const first = doubtful[way === 'next' ? 0 : doubtful.length - 1];
  if (first) return focusWord(first);
  announce('No unsure words left.');
}

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
  const conflict = document.querySelector('.conflict');
  if (conflict) return conflict.focus();
  const next = findDoubtful('next') ?? document.querySelector('.word.doubt');
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
  else if (status === 409 && document.querySelector('.has-conflict')) {
    announce('Someone else changed this line at the same time. Choose the right version.');
    if (!document.activeElement.matches('.edit')) document.querySelector('.conflict').focus();
  } else if (status >= 400) announce(message ?? 'Not saved.');
  else if (step.fields.do === 'undo') {
    const word = came.map((number) => lineOf(number)?.querySelector('.word.doubt')).find(Boolean);
    if (word) focusWord(word);
    else focusLine(lineOf(came[0]));
    announce(`Undone. ${sayLeft()}`);
  } else if (step.said) announce(`${step.said}. ${sayLeft()}`);
  lightAgain();
});

// --- what the keys and buttons do, to where one is

const deeds = {
  next: () => goToDoubtful('next'),
  previous: () => goToDoubtful('previous'),
  accept() {
    const word = wordOf(current.word);
    if (!word?.classList.contains('doubt')) return goToDoubtful('next');
    accept(word);
    goOn();
  },
  correct() {
    const word = wordOf(current.word);
    if (word) correctWord(word);
    else if (lineOf(current.line)) correctLine(lineOf(current.line));
  },
  'as-detected'() {
    const line = lineOf(current.line);
    if (!line || !revert(line)) return announce('This line hasn’t been changed.');
    if (document.activeElement === document.body) focusLine(line);
  },
  undo: () => send({ do: 'undo' }),
};

function correctWord(word, draft) {
  const id = word.dataset.word;
  makeStop(word.closest('.line'));
  const after = (key) => {
    if (key === 'Enter') goOn();
    else if (key === 'Escape') focusWord(wordOf(id));
  };
  editWord(word, after, draft);
}

function correctLine(line, draft) {
  if (line.matches('.is-added') && !draft) return editAdded(line);
  const number = line.dataset.line;
  makeStop(line);
  const after = (key) => {
    if (key) focusLine(lineOf(number));
  };
  editLine(line, after, draft);
}

/** Single keys can be switched off: people who dictate would press them by speaking (WCAG 2.1.4). */
const areKeysOn = () => localStorage.getItem('single-keys') !== 'off';

function showKeys() {
  document.getElementById('single-keys')?.setAttribute('aria-pressed', String(areKeysOn()));
  document.getElementById('review')?.classList.toggle('has-no-keys', !areKeysOn());
}

const keys = { n: 'next', p: 'previous', e: 'correct', F2: 'correct', d: 'as-detected' };

document.addEventListener('keydown', (event) => {
  const { key, target } = event;
  if (target.closest?.('input, textarea, select, [contenteditable], dialog')) return;
  if ((event.ctrlKey || event.metaKey) && !event.shiftKey && key === 'z' && mayChange()) {
    event.preventDefault();
    return deeds.undo();
  }
  if (event.ctrlKey || event.metaKey || event.altKey || event.shiftKey) return;
  const isHere = target === document.body || target.closest?.('#review');
  const deed = isHere && lines() && (key.length > 1 || areKeysOn()) ? keys[key] : undefined;
  if (deed && (mayChange() || deed === 'next' || deed === 'previous')) {
    event.preventDefault();
    deeds[deed]();
  } else if (target.closest?.('.line')) keyInLine(event, target);
  if (!event.defaultPrevented) turnPage(event);
});

function keyInLine(event, target) {
  const line = target.closest('.line');
  const isLine = target === line;
  const isWord = target.classList.contains('word');
  const beside = { ArrowDown: line.nextElementSibling, ArrowUp: line.previousElementSibling }[event.key];
  if (beside && (isLine || isWord)) focusLine(beside);
  else if (isWord && ['ArrowLeft', 'ArrowRight'].includes(event.key)) {
    const words = [...document.querySelectorAll('.word')];
    focusWord(words[words.indexOf(target) + (event.key === 'ArrowRight' ? 1 : -1)]);
  } else if (isWord && event.key === 'Escape') focusLine(line);
  else if (!mayChange() || event.repeat) return;
  else if (isWord && event.key === 'Enter') deeds.accept();
  else if (isWord && event.key === ' ') correctWord(target);
  else if (isWord && event.key === 'Delete') {
    writeWord(target, '');
    goOn();
  } else if (isLine && event.key === 'Enter') correctLine(line);
  else return;
  event.preventDefault();
}

function turnPage({ key, target }) {
  const desk = target.closest?.('#desk');
  const isBusy = target.closest?.('details[open], .zoom, .acts');
  if (isBusy || (desk && desk.scrollWidth > desk.clientWidth)) return;
  const way = { ArrowLeft: 'prev', ArrowRight: 'next' }[key];
  if (way) document.querySelector(`a[rel="${way}"]`)?.click();
}

document.addEventListener('click', (event) => {
  const { target } = event;
  const act = target.closest?.('[data-act]');
  if (act && lines()) {
    event.preventDefault();
    return deeds[act.dataset.act]();
  }
  if (target.id === 'copy') return;
  if (target.closest?.('#single-keys')) {
    localStorage.setItem('single-keys', areKeysOn() ? 'off' : 'on');
    return showKeys();
  }
  if (target.closest?.('form')) return;
  const line = lineOf(lineNumberOf(target));
  if (!line || target.closest('.edit') || !getSelection().isCollapsed) return;
  const link = target.closest('.line-edit');
  const word = target.closest('.word, .box');
  if (link) event.preventDefault();
  if (link) correctLine(line);
  else if (word?.matches('.word') && mayChange()) correctWord(word);
  else if (word) focusWord(wordOf(word.dataset.word));
  else focusLine(line);
});

document.addEventListener('submit', async (event) => {
  const form = event.target;
  if (form.matches('.conflict-form')) {
    event.preventDefault();
    const { line, seen, text, polygon, rotation } = form.elements;
    const deed = event.submitter.value;
    const fields =
      deed === 'keep'
        ? { do: deed, line: line.value }
        : {
            do: deed,
            line: line.value,
            seen: seen.value,
            text: text.value,
            ...(polygon ? { polygon: polygon.value, rotation: rotation.value } : {}),
          };
    send(fields, { line: lineNumberOf(form), said: deed === 'keep' ? 'Kept theirs' : 'Saved yours' });
  } else if (form.matches('.review-mark')) {
    event.preventDefault();
    try {
      await settled();
      if (event.submitter.value === 'reviewed' && askToMark()) return;
      form.append(
        Object.assign(document.createElement('input'), {
          type: 'hidden',
          name: 'do',
          value: event.submitter.value,
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
  const count = document.getElementById('mark-count');
  count.textContent = here === 1 ? '1 word is' : `${new Intl.NumberFormat('en').format(here)} words are`;
  document.getElementById('mark-dialog').showModal();
  return true;
}

document.addEventListener('click', (event) => {
  if (event.target.id !== 'mark-check' || !lines()) return;
  event.preventDefault();
  document.getElementById('mark-dialog').close();
  const [first] = document.querySelectorAll('.word.doubt');
  if (first) focusWord(first);
});

document.addEventListener('review:all', ({ detail }) => {
  prepare();
  lightAgain();
  const line = detail.lineId && lineById(detail.lineId);
  if (line) focusLine(line);
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
