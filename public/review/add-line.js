// Adds lines that were missed, and changes those that were added: by drawing a box on the scan, with mouse, finger or keys,
// and writing. Without it, the form adds a line below the others.
/** @import { Box, Point, Polygon } from '../types.d.ts' */
import { announce } from '../site/announce.js';
import { byId, closest, field, find, findAll, findById, matches } from '../site/elements.js';
import { drafts, dropDraft, keepDraft } from './drafts.js';
import { focusLine, lineById } from './place.js';
import { mayChange, onAnswer, send, viewOf } from './save.js';

const findForm = () => findById('add-form', HTMLFormElement);
const form = () => byId('add-form', HTMLFormElement);
const scan = () => findById('scan');
const viewNow = () => viewOf(scan());
const fields = () => ({
  line: field(form(), 'line'),
  seen: field(form(), 'seen'),
  text: field(form(), 'text'),
});
const text = () => fields().text;
const minSize = 0.004;
const step = 0.005;
/**
 * @param {number} value
 * @param {number} [low]
 * @param {number} [high]
 */
const limit = (value, low = 0, high = 1) => Math.min(high, Math.max(low, value));
/**
 * The box in fractions of the image, and which of its corners the text begins at, clockwise from the top left.
 * @type {Box | undefined}
 */
let box;
let firstCorner = 0;
/** Whether the box is another than it was. */
let isDrawn = false;
/** @type {{ how: 'size' | 'move' | 'draw', from: Point, before: Box, pointerId: number } | undefined} */
let drawing;
/**
 * The line whose form is open, when it is there already.
 * @type {HTMLElement | undefined}
 */
let changed;

export const isAdding = () => findForm()?.hidden === false;

// --- the form

/**
 * Opens the form for a new line, for one that was added before, or for what was being written.
 * @param {{ id?: string, value?: string, seen?: string, polygon?: Polygon, line?: HTMLElement }} [about]
 */
export function openAdded({ id, value = '', seen = '', polygon, line } = {}) {
  if (!findForm()) return;
  changed = line;
  const written = fields();
  written.line.value = id ?? newId();
  written.seen.value = seen;
  written.text.value = value;
  box = polygon ? boxOf(polygon) : defaultBox();
  firstCorner = polygon?.[0] && box ? nearestCorner(polygon[0], box) : 0;
  isDrawn = !line && Boolean(polygon);
  form().hidden = false;
  byId('add-line').hidden = true;
  byId('add-remove').hidden = !line;
  showBox();
  text().focus({ preventScroll: true });
  form().scrollIntoView({ block: 'nearest' });
  findById('new-box')?.scrollIntoView({ block: 'nearest', inline: 'nearest' });
}

/** @param {HTMLElement} line */
export function editAdded(line) {
  const { id, text: value, polygon = '' } = line.dataset;
  openAdded({ id, value, seen: value, polygon: JSON.parse(polygon), line });
}

function close() {
  form().hidden = true;
  byId('add-line').hidden = false;
  findById('new-box')?.remove();
  scan()?.classList.remove('is-drawing');
}

function cancel() {
  dropDraft(fields().line.value);
  close();
  if (changed?.isConnected) focusLine(changed);
  else byId('add-line').focus();
}

function keep() {
  const { line, seen, text } = fields();
  const rotation = viewNow();
  keepDraft(line.value, {
    isAdded: true,
    text: text.value,
    seen: seen.value,
    polygon: polygonOf(),
    rotation,
  });
}

document.addEventListener('click', (event) => {
  const { target } = event;
  if (closest(target, '#add-line')) {
    event.preventDefault();
    openAdded();
  } else if (closest(target, '#add-cancel')) {
    event.preventDefault();
    cancel();
  } else if (closest(target, '#add-box')) findById('new-box')?.focus();
});

document.addEventListener('input', ({ target }) => {
  if (matches(target, '#add-text')) keep();
});

document.addEventListener('submit', (event) => {
  if (!event.target || event.target !== findForm()) return;
  event.preventDefault();
  const { line, seen, text } = fields();
  const written = text.value.trim().replace(/\s+/g, ' ');
  const action = matches(event.submitter, '[value="remove"]') || written === '' ? 'remove' : 'save';
  if (action === 'remove' && !changed) return cancel();
  const step = { do: action, line: line.value, seen: seen.value, text: written };
  const { rotation, straightened } = scan()?.dataset ?? {};
  if (rotation !== undefined && (isDrawn || !changed))
    Object.assign(step, { polygon: JSON.stringify(polygonOf()), rotation, straightened });
  const said = action === 'remove' ? 'Line removed' : changed ? 'Line saved' : 'Line added';
  close();
  send(step, { line: changed?.dataset.line, said });
  byId('add-line').focus();
});

document.addEventListener('keydown', (event) => {
  const { key, target } = event;
  if (isAdding() && key === 'Escape' && closest(target, '#add-form')) {
    event.preventDefault();
    return cancel();
  }
  if (matches(target, '#new-box')) return keyOnBox(event);
  if (key !== 'a' || event.ctrlKey || event.metaKey || event.altKey || event.shiftKey) return;
  const isHere = target === document.body || closest(target, '#review');
  if (!isHere || closest(target, 'input, textarea, select, dialog, details[open]')) return;
  if (!mayChange() || !findForm() || localStorage.getItem('single-keys') === 'off') return;
  event.preventDefault();
  openAdded();
});

onAnswer(({ step, status }) => {
  const { line, text: value = '', seen, polygon } = step.fields;
  if (!findForm() || !line || fields().line.value !== line || status < 400) return;
  if (status === 409 && find('.has-conflict')) return;
  // refused: what was written is there again
  openAdded({
    id: line,
    value,
    seen,
    polygon: polygon ? JSON.parse(polygon) : undefined,
    line: lineById(line),
  });
});

// --- the box

/** The first corner is that of the text's beginning. */
function polygonOf() {
  if (!box) return undefined;
  const { left, top, right, bottom } = box;
  const corners = [
    { x: left, y: top },
    { x: right, y: top },
    { x: right, y: bottom },
    { x: left, y: bottom },
  ];
  return [...corners.slice(firstCorner), ...corners.slice(0, firstCorner)];
}

/**
 * @param {Polygon} polygon
 * @returns {Box}
 */
function boxOf(polygon) {
  const [xs, ys] = [polygon.map(({ x }) => x), polygon.map(({ y }) => y)];
  return { left: Math.min(...xs), top: Math.min(...ys), right: Math.max(...xs), bottom: Math.max(...ys) };
}

/**
 * @param {Point} point
 * @param {Box} box
 */
function nearestCorner({ x, y }, box) {
  const isRight = x > (box.left + box.right) / 2;
  const isLow = y > (box.top + box.bottom) / 2;
  return isLow ? (isRight ? 2 : 3) : isRight ? 1 : 0;
}

/** Below the lowest line, as high as lines are. */
function defaultBox() {
  const image = find('#scan img');
  if (!image) return undefined;
  const [width, height] = [Number(image.getAttribute('width')), Number(image.getAttribute('height'))];
  const words = findAll('#scan .box', SVGGraphicsElement).map((polygon) => polygon.getBBox());
  const high = words.map((word) => word.height / height).sort((one, other) => one - other);
  const tall = limit(high[Math.floor(high.length / 2)] ?? 0.02, 0.008, 0.1);
  const left = words.length > 0 ? limit(Math.min(...words.map(({ x }) => x)) / width, 0, 0.6) : 0.1;
  const lowest = words.length > 0 ? Math.max(...words.map((word) => word.y + word.height)) / height : 0.08;
  const top = limit(lowest + tall * 0.6, 0, 1 - tall);
  return { left, top, right: left + 0.35, bottom: top + tall };
}

function showBox() {
  const image = scan();
  if (!image || !box) return;
  const shown = findById('new-box') ?? addBox(image);
  for (const [name, value] of Object.entries({
    left: box.left,
    top: box.top,
    width: box.right - box.left,
    height: box.bottom - box.top,
  }))
    shown.style.setProperty(name, `${value * 100}%`);
}

/** @param {HTMLElement} scan */
function addBox(scan) {
  const shown = Object.assign(document.createElement('button'), {
    type: 'button',
    id: 'new-box',
    className: 'new-box',
  });
  shown.setAttribute(
    'aria-label',
    'Box of the line. Arrow keys move it, Shift and arrow keys resize it, Enter returns to the text.',
  );
  const grip = Object.assign(document.createElement('span'), { className: 'new-box-grip' });
  shown.append(grip);
  scan.append(shown);
  scan.classList.add('is-drawing');
  return shown;
}

/** @param {Box} next */
function changeBox(next) {
  const width = Math.max(minSize, next.right - next.left);
  const height = Math.max(minSize, next.bottom - next.top);
  const left = limit(next.left, 0, 1 - Math.min(1, width));
  const top = limit(next.top, 0, 1 - Math.min(1, height));
  box = { left, top, right: Math.min(1, left + width), bottom: Math.min(1, top + height) };
  isDrawn = true;
  showBox();
  return box;
}

/** @type {Record<string, [number, number]>} */
const ways = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

/** @param {KeyboardEvent} event */
function keyOnBox(event) {
  if (event.key === 'Enter' || event.key === 'Escape') {
    event.preventDefault();
    event.stopPropagation();
    return text().focus();
  }
  const way = ways[event.key];
  if (!way || !box) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  const [across, down] = [way[0] * step, way[1] * step];
  const { left, top, right, bottom } = box;
  const next = changeBox(
    event.shiftKey
      ? {
          left,
          top,
          right: limit(right + across, left + minSize),
          bottom: limit(bottom + down, top + minSize),
        }
      : { left: left + across, top: top + down, right: right + across, bottom: bottom + down },
  );
  byId('new-box').scrollIntoView({ block: 'nearest', inline: 'nearest' });
  keep();
  /** @param {number} value */
  const percent = (value) => Math.round(value * 100);
  announce(
    `${percent(next.left)} % from the left, ${percent(next.top)} % from the top, ${percent(next.right - next.left)} % wide, ${percent(next.bottom - next.top)} % high`,
  );
}

/**
 * Where a pointer is on the scan, in fractions of it.
 * @param {PointerEvent} event
 * @param {HTMLElement} scan
 */
function placeOf(event, scan) {
  const { left, top, width, height } = scan.getBoundingClientRect();
  return { x: limit((event.clientX - left) / width), y: limit((event.clientY - top) / height) };
}

// before zoom.js, which would move the image
document.addEventListener(
  'pointerdown',
  (event) => {
    const scan = closest(event.target, '#scan');
    if (!isAdding() || !scan) return;
    if (!event.isPrimary || event.button !== 0) {
      drawing = undefined; // a second finger: the image is being sized
      return;
    }
    event.stopImmediatePropagation();
    event.preventDefault();
    const from = placeOf(event, scan);
    const how = matches(event.target, '.new-box-grip')
      ? 'size'
      : matches(event.target, '.new-box')
        ? 'move'
        : 'draw';
    const before = box ?? boxOf([from]);
    drawing = { how, from, before, pointerId: event.pointerId };
    scan.setPointerCapture(event.pointerId);
  },
  { capture: true },
);

document.addEventListener('pointermove', (event) => {
  const image = scan();
  if (drawing?.pointerId !== event.pointerId || !image) return;
  const { how, from, before } = drawing;
  const at = placeOf(event, image);
  const [across, down] = [at.x - from.x, at.y - from.y];
  if (how === 'move')
    changeBox({
      left: before.left + across,
      top: before.top + down,
      right: before.right + across,
      bottom: before.bottom + down,
    });
  else if (how === 'size')
    changeBox({
      ...before,
      right: limit(before.right + across, before.left + minSize),
      bottom: limit(before.bottom + down, before.top + minSize),
    });
  else if (Math.abs(across) > minSize || Math.abs(down) > minSize) {
    if (!changed) firstCorner = 0;
    changeBox(boxOf([from, at]));
  }
});

for (const kind of /** @type {const} */ (['pointerup', 'pointercancel'])) {
  document.addEventListener(kind, (event) => {
    if (drawing?.pointerId !== event.pointerId) return;
    drawing = undefined;
    keep();
    text().focus({ preventScroll: true });
  });
}

// the click that ends drawing leads to no line
document.addEventListener(
  'click',
  (event) => {
    if (isAdding() && event.detail > 0 && closest(event.target, '#scan')) {
      event.stopPropagation();
      event.preventDefault();
    }
  },
  { capture: true },
);

// the box turns along with the page
document.addEventListener('review:scan', ({ detail }) => {
  if (!isAdding() || !box) return;
  for (let { turned } = detail; turned > 0; turned -= 90) {
    box = { left: 1 - box.bottom, top: box.left, right: 1 - box.top, bottom: box.right };
    firstCorner = (firstCorner + 1) % 4;
  }
  showBox();
});

/** `m` and a ULID, so that a line that is sent twice is added once. */
function newId() {
  const alphabet = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
  let time = Date.now();
  let id = '';
  for (let place = 0; place < 10; place += 1) {
    id = alphabet.charAt(time % 32) + id;
    time = Math.floor(time / 32);
  }
  for (const byte of crypto.getRandomValues(new Uint8Array(16))) id += alphabet.charAt(byte % 32);
  return `m${id}`;
}

// --- what was being written when the page was left

const [id, draft] = drafts().findLast(([, { isAdded }]) => isAdded) ?? [];
if (id && draft && findForm()) {
  const isTurned = viewNow() !== draft.rotation;
  openAdded({
    id,
    value: draft.text,
    seen: draft.seen,
    polygon: isTurned ? undefined : draft.polygon,
    line: lineById(id),
  });
  announce('Unsaved text restored. Save it or cancel.');
}
