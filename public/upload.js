// Adds files to a project's page: chosen, dropped anywhere, pasted, from a folder or the camera. What sends them (uploader.js)
// is loaded when it is needed; without script the form sends by its button.
import { isUnderWay, part, showUploads } from './upload-list.js';

const form = () => document.getElementById('upload');
const files = new Map();
let uploader;
let batchBegan = 0;

async function load() {
  const { dataset, elements } = form();
  uploader ??= Promise.all([import('./uploader.js'), loadStyles(dataset.uppyStyles)]).then(([module]) =>
    module.createUploader({
      settings: {
        ...dataset,
        accept: elements.files.accept,
        hint: part('hint').textContent,
        csrfToken: elements._csrf.value,
        clockOffset: Date.parse(dataset.now) - Date.now(),
      },
      tell,
    }),
  );
  return uploader;
}

function loadStyles(href) {
  return new Promise((resolve) => {
    const link = Object.assign(document.createElement('link'), { rel: 'stylesheet', href });
    for (const event of ['load', 'error']) link.addEventListener(event, resolve);
    document.head.prepend(link); // ours come after it
  });
}

async function add(chosen) {
  const list = [...chosen];
  if (list.length > 0) (await load()).add(list);
}

// --- where files come from

document.addEventListener('change', (event) => {
  if (event.target.id !== 'files') return;
  const chosen = [...event.target.files];
  event.target.value = '';
  add(chosen);
});

document.addEventListener('submit', (event) => {
  if (event.target.id !== 'upload') return;
  event.preventDefault();
  add(event.target.elements.files.files);
});

document.addEventListener('paste', (event) => {
  if (!form() || event.clipboardData.files.length === 0) return;
  event.preventDefault();
  add(event.clipboardData.files);
});

const carriesFiles = (event) => event.dataTransfer?.types.includes('Files');
const showDropping = (isDropping) =>
  document.getElementById('project')?.classList.toggle('is-dropping', isDropping);
let isReadyForDrops = false;

document.addEventListener('dragover', (event) => {
  if (!carriesFiles(event) || !form()) return;
  event.preventDefault();
  showDropping(true);
  // Uppy reads folders, too; by the time of the drop it is mostly there
  load().then(() => {
    isReadyForDrops = true;
  });
});

document.addEventListener('dragleave', (event) => {
  if (!event.relatedTarget) showDropping(false);
});

// before Uppy's own listener, which is on the body
document.addEventListener(
  'drop',
  (event) => {
    showDropping(false);
    if (!carriesFiles(event) || !form() || isReadyForDrops) return;
    event.preventDefault();
    event.stopPropagation();
    add(event.dataTransfer.files);
  },
  { capture: true },
);

document.addEventListener('click', async (event) => {
  const { id, dataset } = event.target.closest?.('button') ?? { dataset: {} };
  if (id === 'upload-more') (await load()).openDialog();
  if (id === 'upload-cancel') (await load()).cancelAll();
  if (id === 'upload-retry-all') retry(await load(), [...files.keys()]);
  if (dataset.retry) retry(await load(), [dataset.retry]);
  if (dataset.forget) forget(await load(), dataset.forget);
});

window.addEventListener('beforeunload', (event) => {
  if (underWay().length > 0) event.preventDefault();
});

// --- what becomes of them

function tell(what, id, facts) {
  if (what === 'closed') return setTimeout(leaveDialog);
  if (what === 'added') {
    if (underWay().length === 0) beginBatch();
    files.set(id, { status: 'waiting', sent: 0, ...facts });
  } else if (what === 'refused') {
    files.set(id, { sent: 0, size: 0, ...files.get(id), status: 'refused', ...facts });
  } else if (what === 'removed') {
    const { status, mayTryAgain } = files.get(id) ?? {};
    if (status !== 'done' && !(status === 'refused' && !mayTryAgain)) files.delete(id);
  } else {
    const file = files.get(id);
    if (!file) return;
    if (what === 'again')
      Object.assign(file, { status: 'waiting', sent: 0, reason: undefined, beganAt: undefined });
    if (what === 'progress')
      Object.assign(file, { status: 'sending', beganAt: file.beganAt ?? performance.now() }, facts);
    if (what === 'done') Object.assign(file, { status: 'done', sent: file.size });
    if (what === 'hint') Object.assign(file, facts);
  }
  if (['done', 'removed', 'refused'].includes(what)) refreshPages();
  showSoon();
}

const underWay = () => [...files.values()].filter(isUnderWay);

/** Uppy leads back to the button that opened it; by now there may be another in its place. */
function leaveDialog() {
  if (document.activeElement.matches('body, .uppy-Root *')) document.getElementById('upload-more')?.focus();
}

function beginBatch() {
  batchBegan = performance.now();
  for (const [id, { status, mayTryAgain }] of files) {
    if (status === 'done' || (status === 'refused' && !mayTryAgain)) files.delete(id);
  }
}

function retry(sender, ids) {
  for (const id of ids) {
    const file = files.get(id);
    if (file?.status !== 'refused' || !file.mayTryAgain) continue;
    if (underWay().length === 0) beginBatch();
    Object.assign(file, { status: 'waiting', sent: 0, reason: undefined, beganAt: undefined });
    sender.retry(id);
  }
  showSoon();
}

function forget(sender, id) {
  files.delete(id);
  sender.remove(id);
  showSoon();
}

let isShowing = false;
function showSoon() {
  if (isShowing) return;
  isShowing = true;
  requestAnimationFrame(() => {
    isShowing = false;
    showUploads(files, batchBegan);
  });
}

// --- the pages that have come

/** The page may be at another address: after what was refused, or asked. */
const projectUrl = () => new URL(form().action).pathname.replace(/\/pages$/, '');

let isRefreshDue = false;
/** At most once a second while files come, and once more when the last one has. */
function refreshPages() {
  if (isRefreshDue) return;
  isRefreshDue = true;
  setTimeout(
    () => {
      isRefreshDue = false;
      if (underWay().length === 0) replaceProject();
      else window.htmx?.ajax('GET', `${projectUrl()}/status`, { target: '#live', swap: 'outerMorph' });
    },
    underWay().length === 0 ? 0 : 1000,
  );
}

/** What is not the server's, and stays as it is: it would vanish for a moment, and be read out again. */
const ownParts = ['upload-progress', 'upload-refusals', 'upload-hints', 'phone-place'];

/** Somebody writes, or looks for something, in what would be replaced. */
const isInUse = () => document.querySelector('#project :is(.menu, .rename-menu)[open], #project .is-grabbed');

async function fetchProject() {
  const answer = await fetch(projectUrl()).catch(() => undefined);
  const html = answer?.ok ? await answer.text() : '';
  return new DOMParser().parseFromString(html, 'text/html').getElementById('project');
}

/** All of it: with its first page a project can be exported, too. */
async function replaceProject() {
  const sender = await uploader;
  const next = isInUse() ? undefined : await fetchProject();
  if (isInUse()) return setTimeout(refreshPages, 1000); // perhaps only by now
  if (!next || underWay().length > 0) return;
  const focused = document.activeElement;
  for (const id of ownParts) {
    const own = document.getElementById(id);
    if (own) next.querySelector(`#${id}`)?.replaceWith(own);
  }
  document.getElementById('project').replaceWith(next);
  window.htmx?.process(next);
  const place = focused.isConnected ? focused : document.getElementById(focused.id);
  // a dialog that is just opening gives up taking the focus when something else takes it
  if (place !== document.body && !sender?.isDialogOpen()) place?.focus({ preventScroll: true });
  showSoon();
}
