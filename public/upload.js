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
  const startedAt = performance.now();
  request = new XMLHttpRequest();
  request.open('POST', form.action);
  request.upload.addEventListener('progress', (event) => {
    if (event.lengthComputable) showProgress(files, event, performance.now() - startedAt);
  });
  request.addEventListener('load', (event) => finish(event.target));
  request.addEventListener('error', () =>
    say(
      'The upload broke off: the connection is gone, or you have been signed out. Load this page again, then add the files that are missing.',
    ),
  );
  request.addEventListener('abort', () =>
    say('The upload was cancelled. If some files had already arrived, loading this page again shows them.'),
  );
  request.addEventListener('loadend', () => {
    request = undefined;
    parts('progress').hidden = true;
  });
  showProgress(files, { loaded: 0, total: sizeOf(files) }, 0);
  parts('progress').hidden = false;
  request.send(body);
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
function finish({ responseText }) {
  const answer = new DOMParser().parseFromString(responseText, 'text/html');
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
