// Sizes the image on the desk: as wide as the desk, whole, or freely; the choice lasts while the tab is open. By buttons,
// keys, wheel (with Ctrl) and pinch; drags it about. On telephones, shows image, text or both.
/** @import { Point } from '../types.d.ts' */
import { byId, closest, find, findAll, findById } from '../site/elements.js';

const steps = [0.1, 0.17, 0.25, 0.33, 0.5, 0.67, 0.8, 1, 1.2, 1.5, 2, 3, 4, 6];
const [smallest, largest] = [Math.min(...steps), Math.max(...steps)];
const watcher = new ResizeObserver(showLevel);
const findDesk = () => findById('desk');
const findImage = () => find('#scan img', HTMLImageElement);
/** @param {HTMLImageElement} picture */
const widthOf = (picture) => Number(picture.getAttribute('width'));
let choice = sessionStorage.getItem('zoom') ?? 'width';

/** @param {HTMLImageElement} picture */
const levelOf = (picture) => picture.clientWidth / widthOf(picture);

function apply() {
  const [desk, image] = [findDesk(), findImage()];
  if (!desk || !image) return;
  const level = Number(choice);
  desk.dataset.fit = level ? 'free' : choice;
  byId('scan').style.width = level ? `${widthOf(image) * level}px` : '';
  for (const button of findAll('[data-zoom][aria-pressed]')) {
    button.setAttribute('aria-pressed', String(button.dataset.zoom === choice));
  }
  watcher.disconnect();
  watcher.observe(image);
  show(sessionStorage.getItem('show') ?? 'both');
}

function showLevel() {
  const [output, image] = [findById('zoom-level'), findImage()];
  if (output && image) output.textContent = `${Math.round(levelOf(image) * 100)} %`;
}

/**
 * Sizes the image; what is at this place of the window (the desk's middle, if none is given) stays there.
 * @param {number | string} wish
 * @param {Point} [place]
 */
function zoomTo(wish, place) {
  const [desk, image] = [findDesk(), findImage()];
  if (!desk || !image) return;
  const outer = desk.getBoundingClientRect();
  const { x, y } = place ?? { x: outer.left + outer.width / 2, y: outer.top + outer.height / 2 };
  const before = image.getBoundingClientRect();
  const share = { x: (x - before.left) / before.width, y: (y - before.top) / before.height };
  choice = typeof wish === 'number' ? String(Math.min(largest, Math.max(smallest, wish))) : wish;
  sessionStorage.setItem('zoom', choice);
  apply();
  const after = image.getBoundingClientRect();
  desk.scrollBy({
    left: after.left + share.x * after.width - x,
    top: after.top + share.y * after.height - y,
    behavior: 'instant',
  });
}

/** @type {Record<string, (level: number) => void>} */
const actions = {
  in: (level) => zoomTo(steps.find((step) => step > level + 0.01) ?? largest),
  out: (level) => zoomTo(steps.findLast((step) => step < level - 0.01) ?? smallest),
  width: () => zoomTo('width'),
  page: () => zoomTo('page'),
};
/** @type {Record<string, string>} */
const keys = { '+': 'in', '=': 'in', '-': 'out', 0: 'width', 9: 'page' };

/** @param {string | undefined} name */
function act(name = '') {
  const image = findImage();
  if (image) actions[name]?.(levelOf(image));
}

document.addEventListener('click', ({ target }) => {
  const button = closest(target, '[data-zoom]');
  if (button) act(button.dataset.zoom);
  const showing = closest(target, '[data-show]')?.dataset.show;
  if (showing && closest(target, 'button')) show(showing);
});

document.addEventListener('keydown', (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || !findDesk()) return;
  if (localStorage.getItem('single-keys') === 'off') return;
  const isHere = event.target === document.body || closest(event.target, '#review');
  if (!isHere || closest(event.target, 'input, textarea, select, details[open]')) return;
  const action = keys[event.key];
  if (!action) return;
  event.preventDefault();
  act(action);
});

// A pinch on a trackpad comes as a wheel with Ctrl, too.
document.addEventListener(
  'wheel',
  (event) => {
    const image = findImage();
    if (!(event.ctrlKey || event.metaKey) || !closest(event.target, '#desk') || !image) return;
    event.preventDefault();
    const lines = event.deltaMode === WheelEvent.DOM_DELTA_LINE ? 16 : 1;
    const delta = Math.max(-50, Math.min(50, event.deltaY * lines));
    zoomTo(levelOf(image) * Math.exp(-delta / 150), { x: event.clientX, y: event.clientY });
  },
  { passive: false },
);

// --- two fingers

/**
 * Where two fingers were, how far apart, and how large the image was then.
 * @type {(Point & { distance: number, level: number }) | undefined}
 */
let pinch;

/** @param {TouchEvent} event */
function fingers({ touches: [one, other] }) {
  if (!one || !other) return undefined;
  return {
    x: (one.clientX + other.clientX) / 2,
    y: (one.clientY + other.clientY) / 2,
    distance: Math.hypot(one.clientX - other.clientX, one.clientY - other.clientY) || 1,
  };
}

/** @param {TouchEvent} event */
function followFingers(event) {
  const now = fingers(event);
  const [desk, image] = [closest(event.target, '#desk'), findImage()];
  if (event.touches.length !== 2 || !now || !desk || !image) {
    pinch = undefined;
    return;
  }
  event.preventDefault(); // else the browser sizes the whole page
  if (pinch) {
    zoomTo((pinch.level * now.distance) / pinch.distance, now);
    desk.scrollBy({ left: pinch.x - now.x, top: pinch.y - now.y, behavior: 'instant' });
    [pinch.x, pinch.y] = [now.x, now.y];
  } else pinch = { ...now, level: levelOf(image) };
}

for (const kind of /** @type {const} */ (['touchstart', 'touchmove', 'touchend', 'touchcancel'])) {
  document.addEventListener(kind, followFingers, { passive: false });
}

// --- drag to pan (fingers do so by themselves)

const slack = 4;
/** @type {(Point & { pointerId: number, isMoving: boolean }) | undefined} */
let drag;

document.addEventListener('pointerdown', (event) => {
  const desk = closest(event.target, '#desk');
  if (event.pointerType === 'touch' || event.button > 1 || !desk) return;
  const { clientX: x, clientY: y, pointerId } = event;
  if (x > desk.getBoundingClientRect().left + desk.clientWidth) return; // the scroll bar
  drag = { x, y, pointerId, isMoving: false };
});

document.addEventListener('pointermove', (event) => {
  const desk = findDesk();
  if (!drag || !desk || event.pointerId !== drag.pointerId) return;
  if (!drag.isMoving && Math.hypot(event.clientX - drag.x, event.clientY - drag.y) < slack) return;
  if (!drag.isMoving) {
    drag.isMoving = true;
    desk.setPointerCapture(drag.pointerId);
    desk.classList.add('is-dragged');
    getSelection()?.removeAllRanges();
  }
  desk.scrollBy({ left: drag.x - event.clientX, top: drag.y - event.clientY, behavior: 'instant' });
  [drag.x, drag.y] = [event.clientX, event.clientY];
});

for (const kind of ['pointerup', 'pointercancel']) {
  document.addEventListener(kind, () => {
    findDesk()?.classList.remove('is-dragged');
    // the click that ends a drag is none
    if (drag?.isMoving) document.addEventListener('click', swallow, { capture: true, once: true });
    setTimeout(() => document.removeEventListener('click', swallow, { capture: true }));
    drag = undefined;
  });
}

/** @param {Event} event */
function swallow(event) {
  event.stopPropagation();
  event.preventDefault();
}

document.addEventListener('dragstart', (event) => {
  if (closest(event.target, '#desk')) event.preventDefault();
});

// --- image, text or both, where there is no room for both

/** @param {string} what */
function show(what) {
  sessionStorage.setItem('show', what);
  byId('review').dataset.shows = what;
  for (const button of findAll('button[data-show]')) {
    button.setAttribute('aria-pressed', String(button.dataset.show === what));
  }
}

for (const change of /** @type {const} */ (['htmx:after:swap', 'review:scan']))
  document.addEventListener(change, apply);
apply();
