// Shows the progress of uploads, the files that were refused and the photos that may be hard to read.
import { isUnderWay } from './sender.js';

export const part = (name) => document.getElementById(`upload-${name}`);
const focusFiles = () => document.getElementById('files')?.focus({ preventScroll: true });

/** `files` and `batch` are a sender's. Progress covers the files of the latest batch. */
export function showUploads({ files, batch }) {
  showProgress(files, batch);
  showRefusals(files);
  showHints(files);
}

function showProgress(files, batch) {
  const isCounted = (file) => file.status !== 'refused' && (file.batch === batch.number || isUnderWay(file));
  const all = [...files.values()].filter(isCounted);
  const left = all.filter(isUnderWay);
  if (left.length === 0 && part('progress').contains(document.activeElement)) focusFiles();
  part('progress').hidden = left.length === 0;
  if (left.length === 0) return;
  const sum = (name) => all.reduce((total, file) => total + file[name], 0);
  const [sent, total] = [sum('sent'), sum('size')];
  const isSent = sent >= total;
  const current = Math.min(all.length, all.length - left.length + 1);
  part('title').textContent = isSent ? 'Checking files…' : `Uploading ${current} of ${all.length}`;
  part('detail').textContent =
    `${megabytes(sent)} of ${megabytes(total)} MB${isSent ? '' : estimate(sent, total, batch.beganAt)}`;
  part('bar').value = total > 0 ? sent / total : 0;
  part('files').replaceChildren(...all.filter(({ status }) => status === 'sending').map(fileRow));
}

function fileRow({ name, sent, size, beganAt, isHeld }) {
  const bar = make('progress', { value: size > 0 ? sent / size : 0, max: 1 });
  bar.setAttribute('aria-label', name);
  const state = isHeld ? 'retrying…' : sent >= size ? 'checking…' : sayLeft(sent, size, beganAt);
  return make('li', {}, [
    make('bdi', { textContent: name }),
    make('span', { className: 'soft small', textContent: state }),
    bar,
  ]);
}

export const refusedIn = (files) => [...files.values()].filter(({ status }) => status === 'refused');

let shownRefusals = '[]';
/** Lists every refused file until it is dismissed or accepted. */
export function showRefusals(files) {
  const list = refusedIn(files);
  const place = part('refusals');
  const news = JSON.stringify(list.map(({ id, name, reason, mayRetry }) => [id, name, reason, mayRetry]));
  if (news === shownRefusals) return; // screen readers would read it again
  shownRefusals = news;
  const pressed = place.contains(document.activeElement) ? document.activeElement : undefined;
  const row = [...place.querySelectorAll('li')].findIndex((item) => item.contains(pressed));
  const scrolled = place.querySelector('ul')?.scrollTop ?? 0;
  place.hidden = list.length === 0;
  place.replaceChildren(...(list.length === 0 ? [] : refusalList(list)));
  place.querySelector('ul')?.scrollTo(0, scrolled);
  if (pressed) focusAgain(place, pressed, row);
}

function refusalList(list) {
  const title = list.length === 1 ? '1 file wasn’t added' : `${list.length} files weren’t added`;
  const forAll = (id, textContent) =>
    make('button', { type: 'button', className: 'button', id: `upload-${id}-all`, textContent });
  const buttons = [
    ...(list.filter(({ mayRetry }) => mayRetry).length > 1 ? [forAll('retry', 'Try all again')] : []),
    ...(list.length > 1 ? [forAll('dismiss', 'Dismiss all')] : []),
  ];
  return [
    make('p', {}, [make('strong', { textContent: title })]),
    make('ul', { className: 'refusals' }, list.map(refusalRow)),
    ...(buttons.length > 0 ? [make('p', { className: 'refusal-buttons' }, buttons)] : []),
  ];
}

/** To the same button; when its file is gone, to that of the next file. */
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

function refusalRow({ id, name, reason, mayRetry }) {
  const button = (text, data) => {
    const of = make('span', { className: 'visually-hidden', textContent: `: ${name}` });
    const made = make('button', { type: 'button', className: 'link-button' }, [text, of]);
    Object.assign(made.dataset, data);
    return made;
  };
  return make('li', {}, [
    ...(name ? [make('strong', {}, [make('bdi', { textContent: name })]), ': '] : []),
    `${reason} `,
    make('span', { className: 'refusal-actions' }, [
      ...(mayRetry ? [button('Try again', { retry: id }), ' '] : []),
      button('Dismiss', { dismiss: id }),
    ]),
  ]);
}

const hintTexts = {
  blurred: 'looks blurred',
  small: 'is low resolution; small print may be misread',
};

let shownHints = '';
function showHints(files) {
  const hinted = [...files.values()].filter(({ hint, status }) => hint && status !== 'refused');
  const news = hinted.map(({ name, hint }) => `${name} ${hintTexts[hint]}.`).join(' ');
  if (news === shownHints) return;
  shownHints = news;
  part('hints').hidden = hinted.length === 0;
  const dismiss = make('button', {
    type: 'button',
    className: 'link-button',
    id: 'upload-dismiss-hints',
    textContent: 'Dismiss',
  });
  part('hints').replaceChildren(
    ...(hinted.length === 0 ? [] : [`${news} Check the text before filing the paper. `, dismiss]),
  );
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
