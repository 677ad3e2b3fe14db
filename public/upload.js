// Adds files to a project's page: chosen, dropped anywhere, pasted, from a folder or the camera. Shows how far each is and
// what was refused. What sends them (uploader.js) is loaded when it is needed; without script the form sends by its button.
const form = () => document.getElementById('upload');
const part = (name) => document.getElementById(`upload-${name}`);
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

const underWay = () =>
  [...files.values()].filter(({ status }) => status === 'waiting' || status === 'sending');
const refused = () => [...files].filter(([, { status }]) => status === 'refused');

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

const focusFiles = () => document.getElementById('files')?.focus({ preventScroll: true });

// --- showing it

let isShowing = false;
function showSoon() {
  if (isShowing) return;
  isShowing = true;
  requestAnimationFrame(() => {
    isShowing = false;
    showProgress();
    showRefusals();
    showHints();
  });
}

function showProgress() {
  const all = [...files.values()].filter(({ status }) => status !== 'refused');
  const left = underWay();
  if (left.length === 0 && part('progress').contains(document.activeElement)) focusFiles();
  part('progress').hidden = left.length === 0;
  if (left.length === 0) return;
  const sum = (name) => all.reduce((total, file) => total + file[name], 0);
  const [sent, total] = [sum('sent'), sum('size')];
  const isSent = sent >= total;
  const current = Math.min(all.length, all.length - left.length + 1);
  part('title').textContent = isSent ? 'Checking the files…' : `Uploading ${current} of ${all.length}`;
  part('detail').textContent =
    `${megabytes(sent)} of ${megabytes(total)} MB${isSent ? '' : estimate(sent, total, batchBegan)}`;
  part('bar').value = total > 0 ? sent / total : 0;
  const sending = [...files].filter(([, { status }]) => status === 'sending');
  part('files').replaceChildren(...sending.map(([, file]) => fileRow(file)));
}

function fileRow({ name, sent, size, beganAt }) {
  const bar = make('progress', { value: size > 0 ? sent / size : 0, max: 1 });
  bar.setAttribute('aria-label', name);
  return make('li', {}, [
    make('bdi', { textContent: name }),
    make('span', {
      className: 'soft small',
      textContent: sent >= size ? 'checking…' : sayLeft(sent, size, beganAt),
    }),
    bar,
  ]);
}

let shownRefusals = '[]';
function showRefusals() {
  const list = refused();
  const place = part('refusals');
  const news = JSON.stringify(
    list.map(([id, { name, reason, mayTryAgain }]) => [id, name, reason, mayTryAgain]),
  );
  if (news === shownRefusals) return; // else it would be read out again
  shownRefusals = news;
  const pressed = place.contains(document.activeElement) ? document.activeElement : undefined;
  const row = [...place.querySelectorAll('li')].findIndex((item) => item.contains(pressed));
  place.hidden = list.length === 0;
  const count = list.length === 1 ? 'One file was not added' : `${list.length} files were not added`;
  const again = list.filter(([, { mayTryAgain }]) => mayTryAgain);
  place.replaceChildren(
    ...(list.length === 0
      ? []
      : [
          make('p', {}, [make('strong', { textContent: count })]),
          make(
            'ul',
            { className: 'refusals' },
            list.map(([id, file]) => refusalRow(id, file)),
          ),
          ...(again.length > 1
            ? [
                make('button', {
                  type: 'button',
                  className: 'button',
                  id: 'upload-retry-all',
                  textContent: 'Try all again',
                }),
              ]
            : []),
        ]),
  );
  if (pressed) focusAgain(place, pressed, row);
}

/** On the same button; when its file is gone, on that of the next one. */
function focusAgain(place, { id, dataset }, row) {
  const [kind = 'none', file] = Object.entries(dataset)[0] ?? [];
  const buttons = [...place.querySelectorAll('button')];
  const rows = place.querySelectorAll('li');
  const next = rows[Math.min(row, rows.length - 1)];
  const button =
    buttons.find((other) => (id ? other.id === id : other.dataset[kind] === file)) ??
    next?.querySelector(`[data-${kind}]`) ??
    next?.querySelector('button');
  if (button) button.focus({ preventScroll: true });
  else focusFiles();
}

function refusalRow(id, { name, reason, mayTryAgain }) {
  const button = (text, data) => {
    const of = make('span', { className: 'visually-hidden', textContent: `: ${name}` });
    const made = make('button', { type: 'button', className: 'link-button' }, [text, of]);
    Object.assign(made.dataset, data);
    return made;
  };
  return make('li', {}, [
    make('strong', {}, [make('bdi', { textContent: name })]),
    `: ${reason} `,
    ...(mayTryAgain ? [button('Try again', { retry: id }), ' '] : []),
    button('Leave it out', { forget: id }),
  ]);
}

const hintTexts = {
  blurred: 'looks blurred',
  small: 'has few pixels: small print may not be read',
};

function showHints() {
  const hinted = [...files.values()].filter(({ hint, status }) => hint && status !== 'refused');
  part('hints').hidden = hinted.length === 0;
  part('hints').textContent =
    hinted.length === 0
      ? ''
      : `${hinted.map(({ name, hint }) => `${name} ${hintTexts[hint]}`).join('; ')}. Look at the text before you put the paper away.`;
}

const megabytes = (bytes) => (bytes / 1024 ** 2).toFixed(1);

function sayLeft(sent, total, since) {
  const elapsed = performance.now() - since;
  if (sent === 0 || elapsed < 1500) return '';
  const seconds = Math.ceil(((total - sent) / sent) * (elapsed / 1000));
  return seconds > 90 ? `about ${Math.round(seconds / 60)} min left` : `about ${seconds} s left`;
}

function estimate(sent, total, since) {
  const left = sayLeft(sent, total, since);
  return left && ` · ${left}`;
}

function make(name, properties, children = []) {
  const element = Object.assign(document.createElement(name), properties);
  element.append(...children);
  return element;
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

/** All of it: with its first page a project can be exported, too. */
async function replaceProject() {
  if (isInUse()) return setTimeout(refreshPages, 1000);
  const answer = await fetch(projectUrl()).catch(() => undefined);
  if (!answer?.ok || underWay().length > 0) return;
  const next = new DOMParser().parseFromString(await answer.text(), 'text/html').getElementById('project');
  if (!next) return;
  const focused = document.activeElement;
  for (const id of ownParts) {
    const own = document.getElementById(id);
    if (own) next.querySelector(`#${id}`)?.replaceWith(own);
  }
  document.getElementById('project').replaceWith(next);
  window.htmx?.process(next);
  const place = focused.isConnected ? focused : document.getElementById(focused.id);
  if (place !== document.body) place?.focus({ preventScroll: true });
  showSoon();
}
