// Sends chosen or dropped files at once, with progress. Without it, the form is sent by its button.
const parts = (name) => document.getElementById(`upload-${name}`);
let request;

document.addEventListener('change', (event) => {
  if (event.target.id === 'files' && event.target.files.length > 0) send(event.target.form);
});

document.addEventListener('submit', (event) => {
  if (event.target.id !== 'upload') return;
  event.preventDefault();
  send(event.target);
});

document.addEventListener('click', (event) => {
  if (event.target.id === 'upload-cancel') request?.abort();
});

const carriesFiles = (event) => event.dataTransfer?.types.includes('Files');

document.addEventListener('dragover', (event) => {
  if (!carriesFiles(event)) return;
  event.preventDefault();
  document.getElementById('project')?.classList.add('is-dropping');
});

document.addEventListener('dragleave', (event) => {
  if (!event.relatedTarget) document.getElementById('project')?.classList.remove('is-dropping');
});

document.addEventListener('drop', (event) => {
  if (!carriesFiles(event)) return;
  event.preventDefault();
  document.getElementById('project')?.classList.remove('is-dropping');
  const input = document.getElementById('files');
  if (!input || request) return;
  input.files = event.dataTransfer.files;
  send(input.form);
});

window.addEventListener('beforeunload', (event) => {
  if (request) event.preventDefault();
});

function send(form) {
  const files = [...form.elements.files.files];
  if (request || files.length === 0) return;
  const most = Number(form.dataset.maxFiles);
  const body = new FormData(form);
  form.reset();
  if (files.length > most) {
    say(`Those are ${files.length} files, and at most ${most} go at once. Choose fewer.`);
    return;
  }
  say('');
  const { directAbove } = form.dataset;
  if (directAbove && sizeOf(files) > Number(directAbove)) sendDirectly(form, files);
  else sendForm(form, files, body);
}

function sendForm(form, files, body) {
  const startedAt = performance.now();
  request = new XMLHttpRequest();
  request.open('POST', form.action);
  request.upload.addEventListener('progress', (event) => {
    if (event.lengthComputable) showProgress(files, event, performance.now() - startedAt);
  });
  request.addEventListener('load', (event) => finish(event.target.responseText));
  request.addEventListener('error', () => say(brokeOff));
  request.addEventListener('abort', () => say(cancelled));
  request.addEventListener('loadend', end);
  begin(files);
  request.send(body);
}

/** Where a form of this size would not fit through to the server. */
async function sendDirectly(form, files) {
  const startedAt = performance.now();
  const total = sizeOf(files);
  request = new AbortController();
  begin(files);
  try {
    const { uploadDirectly } = await import(form.dataset.directScript);
    const refusals = await uploadDirectly({
      files,
      uploadsUrl: form.dataset.uploads,
      csrfToken: form.elements._csrf.value,
      signal: request.signal,
      onProgress: (loaded) => showProgress(files, { loaded, total }, performance.now() - startedAt),
    });
    finish(await (await fetch(location.pathname)).text());
    if (refusals.length > 0) sayRefusals(refusals);
  } catch {
    say(request.signal.aborted ? cancelled : brokeOff);
  } finally {
    end();
  }
}

const brokeOff =
  'The upload broke off: the connection is gone, or you have been signed out. Load this page again, then add the files that are missing.';
const cancelled =
  'The upload was cancelled. If some files had already arrived, loading this page again shows them.';

function begin(files) {
  showProgress(files, { loaded: 0, total: sizeOf(files) }, 0);
  parts('progress').hidden = false;
}

function end() {
  request = undefined;
  parts('progress').hidden = true;
}

function showProgress(files, { loaded, total }, elapsed) {
  let current = 1;
  for (let sent = files[0].size; sent <= loaded && current < files.length; sent += files[current - 1].size)
    current++;
  const isSent = loaded >= total;
  const secondsLeft = Math.ceil(((total - loaded) / loaded) * (elapsed / 1000));
  const rest = loaded > 0 && elapsed > 1500 && !isSent ? ` · about ${secondsLeft} s left` : '';
  parts('title').textContent = isSent ? 'Checking the files…' : `Uploading ${current} of ${files.length}`;
  parts('detail').textContent = `${megabytes(loaded)} of ${megabytes(total)} MB${rest}`;
  parts('bar').value = total > 0 ? loaded / total : 0;
}

const sizeOf = (files) => files.reduce((sum, file) => sum + file.size, 0);
const megabytes = (bytes) => (bytes / 1024 ** 2).toFixed(1);

// The answer is the project's page, the refused files named in it: its content replaces ours.
function finish(html) {
  const answer = new DOMParser().parseFromString(html, 'text/html');
  const next = answer.getElementById('project');
  if (next) {
    document.getElementById('project').replaceWith(next);
    window.htmx?.process(next);
    document.getElementById('files')?.focus({ preventScroll: true });
    return;
  }
  const sentences = [...answer.querySelectorAll('main h1, main p:not(.small)')].map((each) =>
    each.textContent.trim(),
  );
  say(
    sentences.join('. ').replace('..', '.') ||
      'The upload did not work. Load this page again and see what has arrived.',
  );
}

function say(text) {
  const banner = document.createElement('p');
  banner.className = 'banner banner-failed';
  banner.setAttribute('role', 'alert');
  banner.textContent = text;
  document.getElementById('messages').replaceChildren(...(text ? [banner] : []));
}

/** As the server shows them after a form. */
function sayRefusals(refusals) {
  const banner = document.createElement('div');
  banner.className = 'banner banner-failed';
  banner.setAttribute('role', 'alert');
  const title = document.createElement('strong');
  title.textContent =
    refusals.length === 1 ? 'One file was not added' : `${refusals.length} files were not added`;
  const list = document.createElement('ul');
  list.className = 'refusals';
  for (const { fileName, message } of refusals) {
    const name = document.createElement('bdi');
    name.textContent = fileName;
    const item = document.createElement('li');
    item.append(name, `: ${message}`);
    list.append(item);
  }
  banner.append(title, list);
  document.getElementById('messages').replaceChildren(banner);
}
