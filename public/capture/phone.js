// The phone's camera page: signs in by the link that opened it, and sends page after page to the project.
/** @import { FileChange } from '../types.d.ts' */

import { byId, closest } from '../site/elements.js';
import { createSender } from '../uploads/sender.js';
import { refusedIn, showRefusals } from '../uploads/upload-list.js';
import { createCamera } from './camera.js';

/**
 * What the server says of a phone that is signed in.
 * @typedef {{
 *   projectName: string,
 *   now: string,
 *   endsAt: string,
 *   csrfToken: string,
 *   directAboveBytes?: number,
 *   allowance: { pagesLeft?: number },
 * }} Phone
 */

/** @param {number} count */
const countOf = (count) => `${count} ${count === 1 ? 'page' : 'pages'}`;
const fewPages = 50;
/** @type {Phone | undefined} */
let phone;
/** @type {ReturnType<typeof createSender> | undefined} */
let sender;
let clockOffset = 0;
let isFinishing = false;
let isOver = false;

const camera = createCamera({
  onPhoto(photo, options) {
    if (!sender) throw new Error('A photo before the phone is signed in');
    return sender.add(photo, options);
  },
  onDone() {
    isFinishing = true;
    if (sender?.isBusy()) camera.say('Uploading the last pages…');
    finishIfSent();
  },
});

start().catch((error) => end(error.message));

async function start() {
  const token = location.hash.slice(1);
  // the token works once: it leaves the address bar and the history
  history.replaceState(null, '', location.pathname);
  /** @type {Phone} */
  const signedIn = token
    ? await call('/api/phone/sign-in', { method: 'POST', body: JSON.stringify({ token }) })
    : await call('/api/phone', {});
  phone = signedIn;
  clockOffset = Date.parse(phone.now) - Date.now();
  byId('camera-title').textContent = phone.projectName;
  sender = createSender({
    target: {
      pages: '/api/phone/pages',
      uploads: '/api/phone/uploads',
      csrfToken: () => signedIn.csrfToken,
      directAbove: signedIn.directAboveBytes,
      clockOffset,
    },
    atOnce: 1, // in the order in which they were taken
    keepsTrying: true,
    onChange,
    onAnswer({ endsAt }) {
      if (endsAt) signedIn.endsAt = endsAt;
    },
  });
  setInterval(() => showTimeLeft(signedIn), 1000);
  showTimeLeft(signedIn);
  await camera.open();
  sayPagesLeft(signedIn.allowance.pagesLeft);
}

/**
 * Of the day, when few are left; undefined without a limit.
 * @param {number | undefined} left
 */
function sayPagesLeft(left) {
  if (left === undefined) return;
  if (left === 0) camera.say('You can’t add more pages today. Try again after midnight UTC.');
  else if (left < fewPages) camera.say(`You can add ${left} more ${left === 1 ? 'page' : 'pages'} today.`);
}

/**
 * The JSON of the answer. Throws an Error whose message is for people.
 * @param {string} path
 * @param {{ method?: string, body?: string }} options
 */
async function call(path, options) {
  const headers = {
    ...(options.body ? { 'content-type': 'application/json' } : {}),
    ...(phone ? { 'x-csrf-token': phone.csrfToken } : {}),
  };
  const answer = await fetch(path, { ...options, headers }).catch(() => undefined);
  if (answer?.status === 204) return undefined;
  const said = await answer?.json().catch(() => ({}));
  if (answer?.ok) return said;
  if (!answer) throw new Error('No connection. Check the phone’s network, then open the link again.');
  throw new Error(said.detail ?? `Paperlift didn’t answer (error ${answer.status}).`);
}

/**
 * @param {FileChange} what
 * @param {string} id
 */
function onChange(what, id) {
  if (!sender) return;
  const file = sender.files.get(id);
  camera.showFile(id, file);
  if (what === 'waiting' && file?.isHeld)
    camera.say('Connection lost. Your photos are kept and sent when it’s back.');
  if (what === 'done') camera.say(isFinishing && sender.isBusy() ? 'Uploading the last pages…' : '');
  showRefusals(sender.files);
  if (file?.isSignedOut) return end(`${file.reason} ${sayLost()}`.trim());
  finishIfSent();
}

function sayLost() {
  const files = [...(sender?.files.values() ?? [])];
  const count = files.filter(({ status }) => status !== 'done').length;
  return count === 0 ? '' : `${countOf(count)} ${count === 1 ? 'wasn’t' : 'weren’t'} added.`;
}

async function finishIfSent() {
  if (!isFinishing || isOver || sender?.isBusy()) return;
  isOver = true;
  await call('/api/phone/sign-out', { method: 'POST' }).catch(() => {});
  const added = camera.countAdded();
  end(`${countOf(added)} added to the project. You can close this page.`);
}

/** @param {Phone} signedIn */
function showTimeLeft({ endsAt }) {
  if (isOver) return;
  const seconds = Math.max(0, Math.round((Date.parse(endsAt) - Date.now() - clockOffset) / 1000));
  byId('camera-time').textContent =
    `Link expires in ${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;
  if (seconds === 0 && !sender?.isBusy())
    end('This link has expired. Choose “Use your phone” on your computer for a new one.');
}

/** @param {string} text */
function end(text) {
  isOver = true;
  camera.close();
  camera.setState('over');
  byId('camera-time').textContent = '';
  camera.say(text);
  byId('camera-note').focus();
}

document.addEventListener('click', ({ target }) => {
  const button = closest(target, 'button');
  if (!button || !sender) return;
  if (button.dataset.retry) sender.retry([button.dataset.retry]);
  if (button.dataset.dismiss) sender.dismiss([button.dataset.dismiss]);
  if (button.id === 'upload-retry-all') sender.retry(refusedIn(sender.files).map(({ id }) => id));
  if (button.id === 'upload-dismiss-all') sender.dismiss(refusedIn(sender.files).map(({ id }) => id));
});

document.addEventListener('keydown', ({ key }) => {
  if (key === 'Escape') camera.retake();
});

addEventListener('beforeunload', (event) => {
  if (sender?.isBusy() || camera.hasStill()) event.preventDefault();
});
