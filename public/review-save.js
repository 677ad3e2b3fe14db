// Sends what a person does to lines, one after the other in its order, and puts the lines that come back in their place.
// What could not be sent stays first in the row until it is tried again.
import { refresh } from './review-refresh.js';

const review = () => document.getElementById('review');
const waiting = [];
const held = new Map();
let sending = false;
let isStuck = false;
let listeners = [];
/** Sending it again would not help. */
const refused = [400, 404, 413];
let isSignedOut = false;
let isLeaving = false;

/** Calls back with `{ step, status, message }` after each answer. */
export const onAnswer = (listener) => listeners.push(listener);
export const mayChange = () => Boolean(review()?.dataset.reviewUrl);
const isIdle = () => waiting.length === 0 && !sending;

/** Adds a form's fields to the row. `line` is the number of the line that shows it, if there is one. */
export function send(fields, about = {}) {
  waiting.push({ fields, ...about });
  held.delete(about.line); // what came back before is older than this
  showStatus();
  work();
}

/** Resolves once everything is saved; rejects when something cannot be. */
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
  while (waiting.length > 0 && !isStuck) {
    const [step] = waiting;
    const answer = await post(step.fields);
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

const lineIdOf = (number) => document.getElementById(`line-${number}`).dataset.id;

/** `status` 0: nobody knows whether it arrived, so it is to be sent again. */
async function post(fields) {
  const { reviewUrl, revision, csrf } = review().dataset;
  const body = new URLSearchParams({ _csrf: csrf, revision, fragment: 'yes', ...fields });
  try {
    const response = await fetch(reviewUrl, { method: 'POST', body, redirect: 'error' });
    const type = response.headers.get('content-type') ?? '';
    if (type.startsWith('application/json')) return { status: response.status, ...(await response.json()) };
    const page = new DOMParser().parseFromString(await response.text(), 'text/html');
    const update = page.getElementById('review-update');
    if (update) return { status: response.status, update };
    if (response.status === 401) return { status: 0, isSignedOut: true };
    const message = page.querySelector('main p')?.textContent;
    return { status: refused.includes(response.status) ? response.status : 0, message };
  } catch {
    return { status: 0 };
  }
}

/** Lines that are being written in wait until that is over. Returns the numbers of those that came. */
function take(update) {
  const numbers = [...update.querySelectorAll('.line')].map((line) => line.dataset.line);
  if (takeConflictOfGoneLine(update)) return numbers;
  if (isRenumbered(update)) {
    refresh();
    return numbers;
  }
  for (const line of [...update.querySelectorAll('.line')]) {
    const boxes = update.querySelector(`#boxes-${line.dataset.line}`);
    const isLast = !waiting.some((step) => step.line === line.dataset.line);
    if (isLast) held.set(line.dataset.line, { line, boxes, rotation: update.dataset.rotation });
    swap(line.dataset.line);
  }
  showLeft(update.querySelector('#to-check'));
  const undo = document.querySelector('[data-act="undo"]');
  if (undo) undo.disabled = update.dataset.canUndo !== 'true';
  return numbers;
}

/** Whether lines were added or removed, by whomever. */
function isRenumbered(update) {
  const there = document.querySelectorAll('#lines > .line').length;
  const isOther = (line) => document.getElementById(line.id)?.dataset.id !== line.dataset.id;
  return Number(update.dataset.count) !== there || [...update.querySelectorAll('.line')].some(isOther);
}

/** A line added by hand that somebody removed while it was changed here: it stays until one of the versions is chosen. */
function takeConflictOfGoneLine(update) {
  const line = update.querySelector('.line.is-added.has-conflict');
  const old = line && document.querySelector(`#lines > .line[data-id="${line.dataset.id}"]`);
  if (!old) return false;
  line.id = old.id;
  line.dataset.line = old.dataset.line;
  old.replaceWith(line);
  return true;
}

/** While words are left here, nobody has asked about other pages again: what is known of them stays. */
function showLeft(left) {
  const old = document.getElementById('to-check');
  if (left.dataset.here !== '0') {
    Object.assign(left.dataset, { ...old.dataset, here: left.dataset.here });
    const title = old.querySelector('a')?.title;
    if (title) left.querySelector('a').title = title;
  }
  old.replaceWith(left);
}

/** The same word in a line that came back: its number may be another, when words were added or taken away before it. */
function findAgain(word, line) {
  const at = lettersBefore(word);
  return [...line.querySelectorAll('.word')].find((other) => lettersBefore(other) === at);
}

function lettersBefore(word) {
  const parts = [...word.parentNode.childNodes];
  const before = parts.slice(0, parts.indexOf(word)).map(({ textContent }) => textContent);
  return before.join('').replace(/\s/g, '').length;
}

/** Puts a line that came back in its place, and the focus where it was. */
export function swap(number) {
  const news = held.get(number);
  const old = document.getElementById(`line-${number}`);
  if (!news || !old || old.querySelector('.edit')) return;
  held.delete(number);
  const focused = old.contains(document.activeElement) ? document.activeElement : undefined;
  const word = focused?.matches('.word') ? findAgain(focused, news.line) : undefined;
  news.line.tabIndex = old.tabIndex;
  old.replaceWith(news.line);
  // boxes of another rotation come with their image
  if (news.rotation === document.getElementById('scan')?.dataset.rotation)
    document.getElementById(`boxes-${number}`)?.replaceWith(news.boxes);
  document.dispatchEvent(new CustomEvent('review:line', { detail: { line: news.line } }));
  if (!focused) return;
  const next = news.line.querySelector('.conflict') ?? word ?? news.line;
  if (next.tabIndex < 0) next.tabIndex = -1;
  next.focus({ preventScroll: true });
}

function showStatus(answer) {
  const status = document.getElementById('save-status');
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

/** Says why something else than a line was not saved. */
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
  const hadFocus = document.getElementById('save-status').contains(document.activeElement);
  showStatus();
  if (hadFocus) document.dispatchEvent(new CustomEvent('review:again'));
  work();
}

window.addEventListener('online', () => {
  if (isStuck) tryAgain();
});

window.addEventListener('beforeunload', (event) => {
  if (!isIdle() && !isLeaving) event.preventDefault();
});
