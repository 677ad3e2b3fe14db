// Shows the progress of uploads, the files that were refused and the photos that may be hard to read.
/** @import { Batch, ListedFile, PhotoHint } from '../types.d.ts' */
import { byId, find, findAll, findById } from '../site/elements.js';
import { isUnderWay } from './sender.js';

/** @typedef {Map<string, ListedFile>} Files */

/** @param {string} name */
export const part = (name) => byId(`upload-${name}`);
const focusFiles = () => findById('files')?.focus({ preventScroll: true });

/**
 * `files` and `batch` are a sender's. Progress covers the files of the latest batch.
 * @param {{ files: Files, batch: Batch }} sender
 */
export function showUploads({ files, batch }) {
  showProgress(files, batch);
  showRefusals(files);
  showHints(files);
}

/**
 * @param {Files} files
 * @param {Batch} batch
 */
function showProgress(files, batch) {
  /** @param {ListedFile} file */
  const isCounted = (file) => file.status !== 'refused' && (file.batch === batch.number || isUnderWay(file));
  const all = [...files.values()].filter(isCounted);
  const left = all.filter(isUnderWay);
  if (left.length === 0 && part('progress').contains(document.activeElement)) focusFiles();
  part('progress').hidden = left.length === 0;
  if (left.length === 0) return;
  /** @param {'sent' | 'size'} name */
  const sum = (name) => all.reduce((total, file) => total + file[name], 0);
  const [sent, total] = [sum('sent'), sum('size')];
  const isSent = sent >= total;
  const current = Math.min(all.length, all.length - left.length + 1);
  part('title').textContent = isSent ? 'Checking files…' : `Uploading ${current} of ${all.length}`;
  part('detail').textContent =
    `${megabytes(sent)} of ${megabytes(total)} MB${isSent ? '' : estimate(sent, total, batch.beganAt)}`;
  byId('upload-bar', HTMLProgressElement).value = total > 0 ? sent / total : 0;
  part('files').replaceChildren(...all.filter(({ status }) => status === 'sending').map(fileRow));
}

/** @param {ListedFile} file */
function fileRow({ name, sent, size, beganAt = 0, isHeld }) {
  const bar = make('progress', { value: size > 0 ? sent / size : 0, max: 1 });
  bar.setAttribute('aria-label', name);
  const state = isHeld ? 'retrying…' : sent >= size ? 'checking…' : sayLeft(sent, size, beganAt);
  return make('li', {}, [
    make('bdi', { textContent: name }),
    make('span', { className: 'soft small', textContent: state }),
    bar,
  ]);
}

/** @param {Files} files */
export const refusedIn = (files) => [...files.values()].filter(({ status }) => status === 'refused');

let shownRefusals = '[]';
/**
 * Lists every refused file until it is dismissed or accepted.
 * @param {Files} files
 */
export function showRefusals(files) {
  const list = refusedIn(files);
  const place = part('refusals');
  const news = JSON.stringify(list.map(({ id, name, reason, mayRetry }) => [id, name, reason, mayRetry]));
  if (news === shownRefusals) return; // screen readers would read it again
  shownRefusals = news;
  const focused = document.activeElement;
  const pressed = focused instanceof HTMLElement && place.contains(focused) ? focused : undefined;
  const row = [...place.querySelectorAll('li')].findIndex((item) => pressed && item.contains(pressed));
  const scrolled = place.querySelector('ul')?.scrollTop ?? 0;
  place.hidden = list.length === 0;
  place.replaceChildren(...(list.length === 0 ? [] : refusalList(list)));
  place.querySelector('ul')?.scrollTo(0, scrolled);
  if (pressed) focusAgain(place, pressed, row);
}

/** @param {ListedFile[]} list */
function refusalList(list) {
  const title = list.length === 1 ? '1 file wasn’t added' : `${list.length} files weren’t added`;
  /**
   * @param {string} id
   * @param {string} textContent
   */
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

/**
 * To the same button; when its file is gone, to that of the next file.
 * @param {HTMLElement} place
 * @param {HTMLElement} pressed
 * @param {number} row
 */
function focusAgain(place, { id, dataset }, row) {
  const [kind = 'none', file] = Object.entries(dataset)[0] ?? [];
  const buttons = [...place.querySelectorAll('button')];
  const rows = findAll('li', HTMLElement, place);
  const next = rows[Math.min(row, rows.length - 1)];
  const button =
    buttons.find((other) => (id ? other.id === id : other.dataset[kind] === file)) ??
    (next && (find(`[data-${kind}]`, HTMLElement, next) ?? find('button', HTMLElement, next)));
  if (button) button.focus({ preventScroll: true });
  else focusFiles();
}

/** @param {ListedFile} file */
function refusalRow({ id, name, reason, mayRetry }) {
  /**
   * @param {string} text
   * @param {Record<string, string>} data
   */
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

/** @type {Record<PhotoHint, string>} */
const hintTexts = {
  blurred: 'looks blurred',
  small: 'is low resolution; small print may be misread',
};

let shownHints = '';
/** @param {Files} files */
function showHints(files) {
  const hinted = [...files.values()].flatMap(({ name, hint, status }) =>
    hint && status !== 'refused' ? `${name} ${hintTexts[hint]}.` : [],
  );
  const news = hinted.join(' ');
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

/** @param {number} bytes */
const megabytes = (bytes) => (bytes / 1024 ** 2).toFixed(1);

/**
 * @param {number} sent
 * @param {number} total
 * @param {number} since
 */
function sayLeft(sent, total, since) {
  const elapsed = performance.now() - since;
  if (sent === 0 || elapsed < 1500) return '';
  const seconds = Math.ceil(((total - sent) / sent) * (elapsed / 1000));
  return seconds > 90 ? `about ${Math.round(seconds / 60)} min left` : `about ${seconds} s left`;
}

/**
 * @param {number} sent
 * @param {number} total
 * @param {number} since
 */
function estimate(sent, total, since) {
  const left = sayLeft(sent, total, since);
  return left && ` · ${left}`;
}

/**
 * @template {keyof HTMLElementTagNameMap} Name
 * @param {Name} name
 * @param {Partial<HTMLElementTagNameMap[Name]>} properties
 * @param {(Node | string)[]} [children]
 * @returns {HTMLElementTagNameMap[Name]}
 */
function make(name, properties, children = []) {
  const element = Object.assign(document.createElement(name), properties);
  element.append(...children);
  return element;
}
