// Shows how far each file is that is added to a project, what was refused and what looks blurred.
export const part = (name) => document.getElementById(`upload-${name}`);
export const isUnderWay = ({ status }) => status === 'waiting' || status === 'sending';
const focusFiles = () => document.getElementById('files')?.focus({ preventScroll: true });

/**
 * `files` by their ids: `name`, `status` (waiting, sending, done or refused), `sent` and `size` in bytes, perhaps `beganAt`,
 * `reason`, `mayTryAgain`, `hint`. `batchBegan` and `beganAt` are times of `performance.now()`.
 */
export function showUploads(files, batchBegan) {
  showProgress(files, batchBegan);
  showRefusals(files);
  showHints(files);
}

function showProgress(files, batchBegan) {
  const all = [...files.values()].filter(({ status }) => status !== 'refused');
  const left = all.filter(isUnderWay);
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
function showRefusals(files) {
  const list = [...files].filter(([, { status }]) => status === 'refused');
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

function showHints(files) {
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
