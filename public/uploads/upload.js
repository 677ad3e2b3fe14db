// Adds files to a project's page: chosen, dropped anywhere, pasted, from a folder or the camera. Without script the form sends
// them by its button.
/** @import { createCameraDialog } from '../capture/camera-dialog.js' */
/** @import { FoundFile } from './dropped-files.js' */

import { byId, closest, field, find, findAll, findById, get, matches } from '../site/elements.js';
import { readChosenFolder, readDropped } from './dropped-files.js';
import { createSender } from './sender.js';
import { part, refusedIn, showUploads } from './upload-list.js';

const form = () => byId('upload', HTMLFormElement);
/** The page may have another address: it is also the answer to a refused form. */
const projectUrl = () => new URL(form().action).pathname.replace(/\/pages$/, '');

const { dataset } = form();
const sender = createSender({
  target: {
    pages: dataset.pages ?? '',
    uploads: dataset.uploads ?? '',
    csrfToken: () => field(form(), '_csrf').value,
    clockOffset: Date.parse(dataset.now ?? '') - Date.now(),
    ...(dataset.directAbove === undefined ? {} : { directAbove: Number(dataset.directAbove) }),
  },
  onChange(what, id) {
    const file = sender.files.get(id);
    const wasSent = what === 'done' || what === 'cancelled' || (what === 'refused' && file?.batch);
    if (wasSent) refreshPages();
    if (what !== 'progress') remember();
    camera?.then(({ showFile }) => showFile(id, file));
    showSoon();
  },
});
/** @type {Promise<ReturnType<typeof createCameraDialog>> | undefined} */
let camera;

/** @param {FoundFile[]} chosen */
function add(chosen) {
  for (const { file, path } of chosen) {
    const reason = refusalOf(file);
    if (reason) sender.refuse(path, reason);
    else sender.add(file);
  }
}

/** @param {Iterable<File>} files */
const toPaths = (files) => [...files].map((file) => ({ file, path: file.name }));

/**
 * Why the server would refuse a file, as far as its name, type and size tell; undefined where it has to look inside.
 * @param {File} file
 */
function refusalOf({ name, type, size }) {
  const { accept } = field(form(), 'files');
  const accepted = accept.split(',');
  const extension = /\.[^.]+$/.exec(name.toLowerCase())?.[0] ?? '';
  const isKnown =
    accepted.includes(type) || accepted.includes(extension) || !type || type === 'application/octet-stream';
  if (!isKnown) return `Unsupported file type. Use ${part('hint').textContent}`;
  if (size > Number(form().dataset.maxBytes)) return `The file is too large. Use ${part('hint').textContent}`;
  return undefined;
}

// --- where files come from

document.addEventListener('change', ({ target }) => {
  if (!(target instanceof HTMLInputElement) || !target.files) return;
  if (target.id !== 'files' && target.id !== 'folder') return;
  const chosen = target.id === 'folder' ? readChosenFolder(target.files) : toPaths(target.files);
  target.value = '';
  add(chosen);
});

document.addEventListener('submit', (event) => {
  if (!matches(event.target, '#upload')) return;
  event.preventDefault();
  add(toPaths(field(form(), 'files').files ?? []));
});

document.addEventListener('paste', (event) => {
  const { files = [] } = event.clipboardData ?? {};
  if (!findById('upload') || files.length === 0) return;
  event.preventDefault();
  add(toPaths(files));
});

/** A page's own image that is dragged counts as a file, too, but is no upload. */
let isDraggedFromHere = false;
document.addEventListener('dragstart', () => {
  isDraggedFromHere = true;
});
document.addEventListener('dragend', () => {
  isDraggedFromHere = false;
});

/**
 * The files that are dragged over the page, if it takes them.
 * @param {DragEvent} event
 */
const filesOf = ({ dataTransfer }) =>
  findById('upload') && !isDraggedFromHere && dataTransfer?.types.includes('Files')
    ? dataTransfer
    : undefined;

/** @type {number | undefined} */
let dropTimer;
/** Browsers repeat `dragover` while files are held over the page, but not all say when they leave it. */
function showDropping() {
  clearTimeout(dropTimer);
  document.documentElement.classList.add('is-dropping');
  dropTimer = setTimeout(endDropping, 1000);
}

function endDropping() {
  clearTimeout(dropTimer);
  document.documentElement.classList.remove('is-dropping');
}

document.addEventListener('dragover', (event) => {
  const dragged = filesOf(event);
  if (!dragged) return;
  event.preventDefault();
  dragged.dropEffect = 'copy';
  showDropping();
});

document.addEventListener('dragleave', (event) => {
  if (!event.relatedTarget) endDropping();
});

document.addEventListener('drop', async (event) => {
  endDropping();
  const dropped = filesOf(event);
  if (!dropped) return;
  event.preventDefault();
  const { files, unread, empty } = await readDropped(dropped);
  add(files);
  for (const path of unread) sender.refuse(path, 'It can’t be read. Check that you may open it.');
  for (const name of empty) sender.refuse(name, 'The folder is empty.');
});

// --- buttons

/** @type {Record<string, () => void>} */
const commands = {
  'upload-folder': () => byId('folder').click(),
  'upload-cancel': () => sender.cancelAll(),
  'upload-retry-all': () => retry(refusedIn(sender.files).map(({ id }) => id)),
  'upload-dismiss-all': () => sender.dismiss(refusedIn(sender.files).map(({ id }) => id)),
  'upload-dismiss-hints': dismissHints,
  'take-photos': openCamera,
  'use-other-phone': () => byId('use-phone', HTMLButtonElement).form?.requestSubmit(),
};

document.addEventListener('click', (event) => {
  const button = closest(event.target, 'button');
  if (!button) return;
  const { id, dataset: about } = button;
  commands[id]?.();
  if (about.retry) retry([about.retry]);
  if (about.dismiss) sender.dismiss([about.dismiss]);
});

/** A device without a mouse is a phone or a tablet: its own camera is at hand, and it cannot photograph its own screen. */
const isPhone = () => matchMedia('(pointer: coarse)').matches || navigator.userAgentData?.mobile === true;

document.addEventListener(
  'submit',
  (event) => {
    if (!event.submitter?.matches('#use-phone') || !isPhone()) return;
    event.preventDefault();
    event.stopPropagation(); // htmx would ask for a link
    openCamera();
  },
  { capture: true },
);

addEventListener('beforeunload', (event) => {
  if (sender.isBusy()) event.preventDefault();
});

/**
 * Who has signed in again in another tab has a new session, and its form another token.
 * @param {string[]} ids
 */
async function retry(ids) {
  if (ids.some((id) => sender.files.get(id)?.isSignedOut)) {
    const project = await fetchProject();
    const token = project && find('#upload [name="_csrf"]', HTMLInputElement, project)?.value;
    if (token) field(form(), '_csrf').value = token;
  }
  sender.retry(ids);
}

function dismissHints() {
  const hadFocus = part('hints').contains(document.activeElement);
  for (const file of sender.files.values()) file.hint = undefined;
  showSoon();
  if (hadFocus) byId('files').focus({ preventScroll: true });
}

// --- the camera

async function openCamera() {
  camera ??= Promise.all([
    import('../capture/camera-dialog.js'),
    loadStyles(form().dataset.cameraStyles ?? ''),
  ]).then(([{ createCameraDialog }]) =>
    createCameraDialog({
      onPhoto: (photo, options) => sender.add(photo, options),
      onClose: () =>
        ['take-photos', 'use-phone']
          .map((id) => findById(id))
          .find((button) => button?.checkVisibility())
          ?.focus(),
    }),
  );
  (await camera).open();
}

/** @param {string} href */
function loadStyles(href) {
  return new Promise((resolve) => {
    const link = Object.assign(document.createElement('link'), { rel: 'stylesheet', href });
    for (const event of ['load', 'error']) link.addEventListener(event, resolve);
    document.head.append(link);
  });
}

// --- what was refused stays named after the page was loaded again

const memoryOf = () => `refusals ${projectUrl().split('/').at(-1)}`;

function remember() {
  const memory = memoryOf();
  const list = refusedIn(sender.files).map(({ name, reason, mayRetry }) => ({
    name,
    reason: mayRetry ? `${reason} Choose the file again.` : reason, // its content is not kept
  }));
  try {
    if (list.length === 0) sessionStorage.removeItem(memory);
    else sessionStorage.setItem(memory, JSON.stringify(list));
  } catch {} // full, or switched off
}

function recall() {
  const shown = findAll('li', HTMLElement, part('refusals')).map((row) => ({
    name: row.querySelector('bdi')?.textContent ?? '',
    reason: get('[data-reason]', HTMLElement, row).textContent,
  }));
  /** @type {{ name: string, reason: string }[]} */
  const kept = JSON.parse(sessionStorage.getItem(memoryOf()) ?? '[]');
  for (const { name, reason } of [...kept, ...shown]) sender.refuse(name, reason);
}

let isShowing = false;
function showSoon() {
  if (isShowing) return;
  isShowing = true;
  requestAnimationFrame(() => {
    isShowing = false;
    showUploads(sender);
  });
}

// --- the pages that have arrived

let isRefreshDue = false;
/** At most once a second during uploads, and once more after the last one. */
function refreshPages() {
  if (isRefreshDue) return;
  isRefreshDue = true;
  setTimeout(
    () => {
      isRefreshDue = false;
      if (!sender.isBusy()) replaceProject();
      else window.htmx?.ajax('GET', `${projectUrl()}/status`, { target: '#live', swap: 'outerMorph' });
    },
    sender.isBusy() ? 1000 : 0,
  );
}

/** The browser's own parts: replaced, they would vanish for a moment and be read out again. */
const ownParts = ['upload-progress', 'upload-refusals', 'upload-hints', 'phone-place'];

/** Somebody writes, presses a button, or looks for something, in what would be replaced. */
const isInUse = () => find('#project:active, #project :is(.menu, .rename-menu)[open], #project .is-grabbed');

async function fetchProject() {
  const answer = await fetch(projectUrl()).catch(() => undefined);
  const html = answer?.ok ? await answer.text() : '';
  return findById('project', HTMLElement, new DOMParser().parseFromString(html, 'text/html'));
}

/** All of it: with its first page, a project can be exported. */
async function replaceProject() {
  const next = isInUse() ? undefined : await fetchProject();
  if (isInUse()) return setTimeout(refreshPages, 1000); // perhaps only by now
  if (!next || sender.isBusy()) return;
  const focused = document.activeElement;
  for (const id of ownParts) {
    const own = findById(id);
    if (own) next.querySelector(`#${id}`)?.replaceWith(own);
  }
  byId('project').replaceWith(next);
  window.htmx?.process(next);
  const place = focused?.isConnected ? focused : findById(focused?.id);
  if (place !== document.body && place instanceof HTMLElement) place.focus({ preventScroll: true });
  showSoon();
}

recall();
