// Sends what a person does to lines, one after the other in its order, and puts the lines that come back in their place.
// What could not be sent stays first in the row until it is tried again.
/** @import { Step, StepAnswer } from '../types.d.ts' */
import { byId, find, findAll, findById, get } from '../site/elements.js';
import { leaveIfGone } from '../site/lost-access.js';
import { refresh } from './refresh.js';

/** @typedef {(about: { step: Step } & StepAnswer) => void} Listener */

/** @type {Step[]} */
const waiting = [];
/**
 * Lines that came back while they were being written in, by their numbers, each with its boxes.
 * @type {Map<string, { line: HTMLElement, boxes: Element | null, view: string | undefined }>}
 */
const held = new Map();
let sending = false;
let isStuck = false;
/** @type {Listener[]} */
let listeners = [];
/** Sending it again would not help. */
const refused = [400, 404, 413];
let isSignedOut = false;
let isLeaving = false;
/** Nothing can be saved any more. */
let isGone = false;

/**
 * Calls back after each answer.
 * @param {Listener} listener
 */
export const onAnswer = (listener) => listeners.push(listener);
export const mayChange = () => Boolean(findById('review')?.dataset.reviewUrl);
const isIdle = () => waiting.length === 0 && !sending;

/**
 * Adds a form's fields to the row. `line` is the number of the line that shows it, if there is one.
 * @param {Step['fields']} fields
 * @param {Omit<Step, 'fields'>} [about]
 */
export function send(fields, about = {}) {
  waiting.push({ fields, ...about });
  if (about.line) held.delete(about.line); // what came back before is older than this
  showStatus();
  work();
}

/**
 * Resolves once everything is saved; rejects when something cannot be.
 * @returns {Promise<void>}
 */
export function settled() {
  if (isIdle()) return Promise.resolve();
  if (isStuck) return Promise.reject(new Error('not saved'));
  return new Promise((resolve, reject) => {
    const listener = () => {
      if (!isIdle() && !isStuck) return;
      listeners = listeners.filter((each) => each !== listener);
      if (isStuck) reject(new Error('not saved'));
      else resolve();
    };
    listeners.push(listener);
  });
}

async function work() {
  if (sending || isStuck) return;
  sending = true;
  for (let [step] = waiting; step && !isStuck; [step] = waiting) {
    const answer = await post(step.fields);
    if (isGone) return;
    isStuck = answer.status === 0;
    isSignedOut = answer.isSignedOut === true;
    if (!isStuck) {
      waiting.shift();
      if (answer.update) answer.lines = take(answer.update);
      else if (step.line && step.fields.do !== 'keep')
        waiting.push({ fields: { do: 'keep', line: lineIdOf(step.line) }, line: step.line }); // as it was
    }
    if (waiting.length === 0 || isStuck) sending = false;
    showStatus(answer);
    for (const listener of [...listeners]) listener({ step, ...answer });
  }
  sending = false;
}

/** @param {string} number */
const lineIdOf = (number) => byId(`line-${number}`).dataset.id ?? '';

/**
 * `status` 0: nobody knows whether it arrived, so it is to be sent again.
 * @param {Step['fields']} fields
 * @returns {Promise<StepAnswer>}
 */
async function post(fields) {
  const { reviewUrl = '', revision = '', csrf = '' } = byId('review').dataset;
  const body = new URLSearchParams({ _csrf: csrf, revision, fragment: 'yes', ...fields });
  try {
    const response = await fetch(reviewUrl, { method: 'POST', body, redirect: 'error' });
    const type = response.headers.get('content-type') ?? '';
    if (type.startsWith('application/json')) return { status: response.status, ...(await response.json()) };
    const text = await response.text();
    if (leaveIfGone(response.status, text)) return { status: response.status };
    const page = new DOMParser().parseFromString(text, 'text/html');
    const update = findById('review-update', HTMLElement, page);
    if (update) return { status: response.status, update };
    if (response.status === 401) return { status: 0, isSignedOut: true };
    const message = find('main p', HTMLElement, page)?.textContent;
    return { status: refused.includes(response.status) ? response.status : 0, message };
  } catch {
    return { status: 0 };
  }
}

/**
 * How the image is shown that boxes belong to.
 * @param {Element | undefined} shown
 */
export const viewOf = (shown) =>
  shown instanceof HTMLElement ? `${shown.dataset.rotation} ${shown.dataset.straightened}` : undefined;

/** @param {ParentNode} update */
const linesIn = (update) => findAll('.line', HTMLElement, update);
/** @param {HTMLElement} line */
const numberOf = (line) => line.dataset.line ?? '';

/**
 * Lines that are being written in wait until that is over. Returns the numbers of those that came.
 * @param {HTMLElement} update
 */
function take(update) {
  const numbers = linesIn(update).map(numberOf);
  if (takeConflictOfGoneLine(update)) return numbers;
  if (isRenumbered(update)) {
    refresh();
    return numbers;
  }
  for (const line of linesIn(update)) {
    const number = numberOf(line);
    const boxes = update.querySelector(`#boxes-${number}`);
    const isLast = !waiting.some((step) => step.line === number);
    if (isLast) held.set(number, { line, boxes, view: viewOf(update) });
    swap(number);
  }
  showLeft(get('#to-check', HTMLElement, update));
  const undo = find('[data-act="undo"]', HTMLButtonElement);
  if (undo) undo.disabled = update.dataset.canUndo !== 'true';
  return numbers;
}

/**
 * Whether lines were added or removed, by whomever.
 * @param {HTMLElement} update
 */
function isRenumbered(update) {
  const there = document.querySelectorAll('#lines > .line').length;
  /** @param {HTMLElement} line */
  const isOther = (line) => findById(line.id)?.dataset.id !== line.dataset.id;
  return Number(update.dataset.count) !== there || linesIn(update).some(isOther);
}

/**
 * A line added by hand that somebody removed while it was changed here: it stays until one of the versions is chosen.
 * @param {HTMLElement} update
 */
function takeConflictOfGoneLine(update) {
  const line = find('.line.is-added.has-conflict', HTMLElement, update);
  const old = line && find(`#lines > .line[data-id="${line.dataset.id}"]`);
  if (!line || !old) return false;
  line.id = old.id;
  line.dataset.line = old.dataset.line;
  old.replaceWith(line);
  return true;
}

/**
 * While words are left here, nobody has asked about other pages again: what is known of them stays.
 * @param {HTMLElement} left
 */
function showLeft(left) {
  const old = byId('to-check');
  if (left.dataset.here !== '0') {
    Object.assign(left.dataset, { ...old.dataset, here: left.dataset.here });
    const title = old.querySelector('a')?.title;
    if (title) get('a', HTMLElement, left).title = title;
  }
  const hadFocus = old.contains(document.activeElement);
  old.replaceWith(left);
  const next = document.activeElement?.closest('#review') ? undefined : find('a', HTMLElement, left);
  if (hadFocus) next?.focus({ preventScroll: true });
}

/**
 * The same word in a line that came back: its number may be another, when words were added or taken away before it.
 * @param {HTMLElement} word
 * @param {HTMLElement} line
 */
function findAgain(word, line) {
  const at = lettersBefore(word);
  return findAll('.word', HTMLElement, line).find((other) => lettersBefore(other) === at);
}

/** @param {HTMLElement} word */
function lettersBefore(word) {
  const parts = [...(word.parentNode?.childNodes ?? [])];
  const before = parts.slice(0, parts.indexOf(word)).map(({ textContent }) => textContent);
  return before.join('').replace(/\s/g, '').length;
}

/**
 * Puts a line that came back in its place, and the focus where it was.
 * @param {string} number
 */
export function swap(number) {
  const news = held.get(number);
  const old = findById(`line-${number}`);
  if (!news || !old || old.querySelector('.edit')) return;
  held.delete(number);
  const active = document.activeElement;
  const focused = active instanceof HTMLElement && old.contains(active) ? active : undefined;
  const word = focused?.matches('.word') ? findAgain(focused, news.line) : undefined;
  news.line.tabIndex = old.tabIndex;
  old.replaceWith(news.line);
  // boxes of another rotation come with their image
  if (news.boxes && news.view === viewOf(findById('scan')))
    findById(`boxes-${number}`, Element)?.replaceWith(news.boxes);
  document.dispatchEvent(new CustomEvent('review:line', { detail: { line: news.line } }));
  if (!focused) return;
  const next = find('.conflict', HTMLElement, news.line) ?? word ?? news.line;
  if (next.tabIndex < 0) next.tabIndex = -1;
  next.focus({ preventScroll: true });
}

/** @param {StepAnswer} [answer] */
function showStatus(answer) {
  const status = findById('save-status');
  if (!status) return;
  status.replaceChildren();
  status.classList.toggle('is-trouble', isStuck);
  if (isSignedOut) {
    status.classList.add('is-trouble');
    status.append('You’ve been signed out. What you typed is kept. ', signInLink());
  } else if (isStuck) {
    const again = Object.assign(document.createElement('button'), {
      type: 'button',
      className: 'button small',
      textContent: 'Try again',
    });
    again.addEventListener('click', tryAgain);
    const why = answer?.message ?? 'Couldn’t save: connection lost.';
    status.append(`${why} `, again);
  } else if (!isIdle()) status.textContent = 'Saving…';
  else if (answer && answer.status >= 400) status.textContent = answer.message ?? 'Not saved';
  else if (answer) status.textContent = 'Saved';
}

/**
 * Says why something else than a line was not saved.
 * @param {string} message
 */
export function showProblem(message, needsSignIn = false) {
  if (!isIdle()) return;
  isSignedOut = needsSignIn;
  showStatus({ status: 400, message });
}

/** A link that leads back here; what is being written is kept. */
function signInLink() {
  const link = Object.assign(document.createElement('a'), {
    className: 'button small',
    textContent: 'Sign in',
  });
  link.href = `/auth/login?returnTo=${encodeURIComponent(location.pathname + location.search)}`;
  link.addEventListener('click', () => {
    isLeaving = true;
    document.dispatchEvent(new CustomEvent('review:leave'));
  });
  return link;
}

function tryAgain() {
  isStuck = false;
  const hadFocus = byId('save-status').contains(document.activeElement);
  showStatus();
  if (hadFocus) document.dispatchEvent(new CustomEvent('review:again'));
  work();
}

window.addEventListener('online', () => {
  if (isStuck) tryAgain();
});

document.addEventListener('access:lost', () => {
  isGone = true;
  isLeaving = true;
});

window.addEventListener('beforeunload', (event) => {
  if (!isIdle() && !isLeaving) event.preventDefault();
});
