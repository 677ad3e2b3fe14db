// Adds lines that were missed, and changes those that were added: by drawing a box on the scan, with mouse, finger or keys,
// and writing. Without it, the form adds a line below the others.
import { announce } from './announce.js';
import { drafts, dropDraft, keepDraft } from './review-draft.js';
import { focusLine, lineById } from './review-place.js';
import { mayChange, onAnswer, send } from './review-save.js';

const form = () => document.getElementById('add-form');
const scan = () => document.getElementById('scan');
const text = () => form().elements.text;
const least = 0.004;
const step = 0.005;
const limit = (value, low = 0, high = 1) => Math.min(high, Math.max(low, value));
/** The box in fractions of the image, and which of its corners the text begins at, clockwise from the top left. */
let box;
let firstCorner = 0;
/** Whether the box is another than it was. */
let isDrawn = false;
let drawing;
/** The line whose form is open, when it is there already. */
let changed;

export const isAdding = () => Boolean(form() && !form().hidden);

// --- the form

/** Opens the form for a new line, for one that was added before, or for what was being written. */
export function openAdded({ id, value = '', seen = '', polygon, line } = {}) {
  if (!form()) return;
  changed = line;
  const { elements } = form();
  elements.line.value = id ?? newId();
  elements.seen.value = seen;
  elements.text.value = value;
  box = polygon ? boxOf(polygon) : defaultBox();
  firstCorner = polygon ? nearestCorner(polygon[0]) : 0;
  isDrawn = !line && Boolean(polygon);
  form().hidden = false;
  document.getElementById('add-line').hidden = true;
  document.getElementById('add-remove').hidden = !line;
  showBox();
  text().focus({ preventScroll: true });
  form().scrollIntoView({ block: 'nearest' });
  document.getElementById('new-box')?.scrollIntoView({ block: 'nearest', inline: 'nearest' });
}

export function editAdded(line) {
  const { id, text: value, polygon } = line.dataset;
  openAdded({ id, value, seen: value, polygon: JSON.parse(polygon), line });
}

function close() {
  form().hidden = true;
  document.getElementById('add-line').hidden = false;
  document.getElementById('new-box')?.remove();
  scan()?.classList.remove('is-drawing');
}

function cancel() {
  dropDraft(form().elements.line.value);
  close();
  if (changed?.isConnected) focusLine(changed);
  else document.getElementById('add-line').focus();
}

function keep() {
  const { line, seen, text } = form().elements;
  const rotation = scan()?.dataset.rotation;
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
  if (target.closest?.('#add-line')) {
    event.preventDefault();
    openAdded();
  } else if (target.closest?.('#add-cancel')) {
    event.preventDefault();
    cancel();
  } else if (target.closest?.('#add-box')) document.getElementById('new-box')?.focus();
});

document.addEventListener('input', ({ target }) => {
  if (target.id === 'add-text') keep();
});

document.addEventListener('submit', (event) => {
  if (event.target !== form()) return;
  event.preventDefault();
  const { line, seen, text } = form().elements;
  const written = text.value.trim().replace(/\s+/g, ' ');
  const deed = event.submitter?.value === 'remove' || written === '' ? 'remove' : 'save';
  if (deed === 'remove' && !changed) return cancel();
  const fields = { do: deed, line: line.value, seen: seen.value, text: written };
  if (scan() && (isDrawn || !changed))
    Object.assign(fields, { polygon: JSON.stringify(polygonOf()), rotation: scan().dataset.rotation });
  const said = deed === 'remove' ? 'Line removed' : changed ? 'Line saved' : 'Line added';
  close();
  send(fields, { line: changed?.dataset.line, said });
  document.getElementById('add-line').focus();
});

document.addEventListener('keydown', (event) => {
  const { key, target } = event;
  if (isAdding() && key === 'Escape' && target.closest?.('#add-form')) {
    event.preventDefault();
    return cancel();
  }
  if (target.id === 'new-box') return keyOnBox(event);
  if (key !== 'a' || event.ctrlKey || event.metaKey || event.altKey || event.shiftKey) return;
  const isHere = target === document.body || target.closest?.('#review');
  if (!isHere || target.closest('input, textarea, select, dialog, details[open]')) return;
  if (!mayChange() || !form() || localStorage.getItem('single-keys') === 'off') return;
  event.preventDefault();
  openAdded();
});

onAnswer(({ step, status }) => {
  const { line, text: value = '', seen, polygon } = step.fields;
  if (!form() || form().elements.line.value !== line || status < 400) return;
  if (status === 409 && document.querySelector('.has-conflict')) return;
  // refused: what was written is there again
  openAdded({ id: line, value, seen, polygon: polygon && JSON.parse(polygon), line: lineById(line) });
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

function boxOf(polygon) {
  const [xs, ys] = [polygon.map(({ x }) => x), polygon.map(({ y }) => y)];
  return { left: Math.min(...xs), top: Math.min(...ys), right: Math.max(...xs), bottom: Math.max(...ys) };
}

function nearestCorner({ x, y }) {
  const isRight = x > (box.left + box.right) / 2;
  const isLow = y > (box.top + box.bottom) / 2;
  return isLow ? (isRight ? 2 : 3) : isRight ? 1 : 0;
}

/** Below the lowest line, as high as lines are. */
function defaultBox() {
  const image = scan()?.querySelector('img');
  if (!image) return undefined;
  const [width, height] = ['width', 'height'].map((name) => Number(image.getAttribute(name)));
  const words = [...scan().querySelectorAll('.box')].map((polygon) => polygon.getBBox());
  const high = words.map((word) => word.height / height).sort((one, other) => one - other);
  const tall = limit(high[Math.floor(high.length / 2)] ?? 0.02, 0.008, 0.1);
  const left = words.length > 0 ? limit(Math.min(...words.map(({ x }) => x)) / width, 0, 0.6) : 0.1;
  const lowest = words.length > 0 ? Math.max(...words.map((word) => word.y + word.height)) / height : 0.08;
  const top = limit(lowest + tall * 0.6, 0, 1 - tall);
  return { left, top, right: left + 0.35, bottom: top + tall };
}

function showBox() {
  if (!scan() || !box) return;
  let shown = document.getElementById('new-box');
  if (!shown) {
    shown = Object.assign(document.createElement('button'), {
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
    scan().append(shown);
    scan().classList.add('is-drawing');
  }
  for (const [name, value] of Object.entries({
    left: box.left,
    top: box.top,
    width: box.right - box.left,
    height: box.bottom - box.top,
  }))
    shown.style[name] = `${value * 100}%`;
}

function changeBox(next) {
  const width = Math.max(least, next.right - next.left);
  const height = Math.max(least, next.bottom - next.top);
  const left = limit(next.left, 0, 1 - Math.min(1, width));
  const top = limit(next.top, 0, 1 - Math.min(1, height));
  box = { left, top, right: Math.min(1, left + width), bottom: Math.min(1, top + height) };
  isDrawn = true;
  showBox();
}

function keyOnBox(event) {
  if (event.key === 'Enter' || event.key === 'Escape') {
    event.preventDefault();
    event.stopPropagation();
    return text().focus();
  }
  const ways = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
  if (!ways[event.key]) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  const [across, down] = ways[event.key].map((way) => way * step);
  const { left, top, right, bottom } = box;
  changeBox(
    event.shiftKey
      ? { left, top, right: limit(right + across, left + least), bottom: limit(bottom + down, top + least) }
      : { left: left + across, top: top + down, right: right + across, bottom: bottom + down },
  );
  document.getElementById('new-box').scrollIntoView({ block: 'nearest', inline: 'nearest' });
  keep();
  const percent = (value) => Math.round(value * 100);
  announce(
    `${percent(box.left)} % from the left, ${percent(box.top)} % from the top, ${percent(box.right - box.left)} % wide, ${percent(box.bottom - box.top)} % high`,
  );
}

function placeOf(event) {
  const { left, top, width, height } = scan().getBoundingClientRect();
  return { x: limit((event.clientX - left) / width), y: limit((event.clientY - top) / height) };
}

// before zoom.js, which would move the image
document.addEventListener(
  'pointerdown',
  (event) => {
    if (!isAdding() || !event.target.closest?.('#scan')) return;
    if (!event.isPrimary || event.button !== 0) {
      drawing = undefined; // a second finger: the image is being sized
      return;
    }
    event.stopImmediatePropagation();
    event.preventDefault();
    const from = placeOf(event);
    const how = event.target.matches('.new-box-grip')
      ? 'size'
      : event.target.matches('.new-box')
        ? 'move'
        : 'draw';
    drawing = { how, from, before: { ...box }, pointerId: event.pointerId };
    scan().setPointerCapture(event.pointerId);
  },
  { capture: true },
);

document.addEventListener('pointermove', (event) => {
  if (drawing?.pointerId !== event.pointerId || !scan()) return;
  const { how, from, before } = drawing;
  const at = placeOf(event);
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
      right: limit(before.right + across, before.left + least),
      bottom: limit(before.bottom + down, before.top + least),
    });
  else if (Math.abs(across) > least || Math.abs(down) > least) {
    if (!changed) firstCorner = 0;
    changeBox(boxOf([from, at]));
  }
});

for (const kind of ['pointerup', 'pointercancel']) {
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
    if (isAdding() && event.detail > 0 && event.target.closest?.('#scan')) {
      event.stopPropagation();
      event.preventDefault();
    }
  },
  { capture: true },
);

// the box turns along with the page
document.addEventListener('review:scan', ({ detail }) => {
  if (!isAdding() || !box) return;
  for (let turned = detail?.turned ?? 0; turned > 0; turned -= 90) {
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
    id = alphabet[time % 32] + id;
    time = Math.floor(time / 32);
  }
  for (const byte of crypto.getRandomValues(new Uint8Array(16))) id += alphabet[byte % 32];
  return `m${id}`;
}

// --- what was being written when the page was left

const [, draft] = drafts().findLast(([, { isAdded }]) => isAdded) ?? [];
if (draft && form()) {
  const [id] = drafts().findLast(([, { isAdded }]) => isAdded);
  const isTurned = scan()?.dataset.rotation !== draft.rotation;
  openAdded({
    id,
    value: draft.text,
    seen: draft.seen,
    polygon: isTurned ? undefined : draft.polygon,
    line: lineById(id),
  });
  announce('Unsaved text restored. Save it or cancel.');
}
