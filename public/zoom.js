// Sizes the image on the desk: as wide as the desk, whole, or freely; the choice lasts while the tab is open. By buttons,
// keys, wheel (with Ctrl) and pinch; drags it about. On telephones, shows image, text or both.
const steps = [0.1, 0.17, 0.25, 0.33, 0.5, 0.67, 0.8, 1, 1.2, 1.5, 2, 3, 4, 6];
const watcher = new ResizeObserver(showLevel);
const desk = () => document.getElementById('desk');
const image = () => document.querySelector('#scan img');
const widthOf = (picture) => Number(picture.getAttribute('width'));
let choice = sessionStorage.getItem('zoom') ?? 'width';

const levelNow = () => image().clientWidth / widthOf(image());

function apply() {
  if (!desk()) return;
  const level = Number(choice);
  desk().dataset.fit = level ? 'free' : choice;
  document.getElementById('scan').style.width = level ? `${widthOf(image()) * level}px` : '';
  for (const button of document.querySelectorAll('[data-zoom][aria-pressed]')) {
    button.setAttribute('aria-pressed', String(button.dataset.zoom === choice));
  }
  watcher.disconnect();
  watcher.observe(image());
  show(sessionStorage.getItem('show') ?? 'both');
}

function showLevel() {
  const output = document.getElementById('zoom-level');
  if (output && image()) output.textContent = `${Math.round(levelNow() * 100)} %`;
}

/** Sizes the image; what is at this place of the window (the desk's middle, if none is given) stays there. */
function zoomTo(wish, place) {
  if (!desk()) return;
  const outer = desk().getBoundingClientRect();
  const { x, y } = place ?? { x: outer.left + outer.width / 2, y: outer.top + outer.height / 2 };
  const before = image().getBoundingClientRect();
  const share = { x: (x - before.left) / before.width, y: (y - before.top) / before.height };
  const limits = [steps[0], steps.at(-1)];
  choice = typeof wish === 'number' ? String(Math.min(limits[1], Math.max(limits[0], wish))) : wish;
  sessionStorage.setItem('zoom', choice);
  apply();
  const after = image().getBoundingClientRect();
  desk().scrollBy({
    left: after.left + share.x * after.width - x,
    top: after.top + share.y * after.height - y,
    behavior: 'instant',
  });
}

const deeds = {
  in: () => zoomTo(steps.find((step) => step > levelNow() + 0.01) ?? steps.at(-1)),
  out: () => zoomTo(steps.findLast((step) => step < levelNow() - 0.01) ?? steps[0]),
  width: () => zoomTo('width'),
  page: () => zoomTo('page'),
};
const keys = { '+': 'in', '=': 'in', '-': 'out', 0: 'width', 9: 'page' };

document.addEventListener('click', ({ target }) => {
  const button = target.closest?.('[data-zoom]');
  if (button) deeds[button.dataset.zoom]();
  const showing = target.closest?.('[data-show]')?.dataset.show;
  if (showing && target.closest('button')) show(showing);
});

document.addEventListener('keydown', (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || !desk()) return;
  if (localStorage.getItem('single-keys') === 'off') return;
  const isHere = event.target === document.body || event.target.closest?.('#review');
  if (!isHere || event.target.closest?.('input, textarea, select, details[open]')) return;
  const deed = keys[event.key];
  if (!deed) return;
  event.preventDefault();
  deeds[deed]();
});

// A pinch on a trackpad comes as a wheel with Ctrl, too.
document.addEventListener(
  'wheel',
  (event) => {
    if (!(event.ctrlKey || event.metaKey) || !event.target.closest?.('#desk')) return;
    event.preventDefault();
    const lines = event.deltaMode === WheelEvent.DOM_DELTA_LINE ? 16 : 1;
    const delta = Math.max(-50, Math.min(50, event.deltaY * lines));
    zoomTo(levelNow() * Math.exp(-delta / 150), { x: event.clientX, y: event.clientY });
  },
  { passive: false },
);

// --- two fingers

let pinch;

function fingers({ touches: [one, other] }) {
  return {
    x: (one.clientX + other.clientX) / 2,
    y: (one.clientY + other.clientY) / 2,
    distance: Math.hypot(one.clientX - other.clientX, one.clientY - other.clientY) || 1,
  };
}

function followFingers(event) {
  if (event.touches.length !== 2 || !event.target.closest?.('#desk')) {
    pinch = undefined;
    return;
  }
  event.preventDefault(); // else the browser sizes the whole page
  const now = fingers(event);
  if (pinch) {
    zoomTo((pinch.level * now.distance) / pinch.distance, now);
    desk().scrollBy({ left: pinch.x - now.x, top: pinch.y - now.y, behavior: 'instant' });
    [pinch.x, pinch.y] = [now.x, now.y];
  } else pinch = { ...now, level: levelNow() };
}

for (const kind of ['touchstart', 'touchmove', 'touchend', 'touchcancel']) {
  document.addEventListener(kind, followFingers, { passive: false });
}

// --- drag to pan (fingers do so by themselves)

const slack = 4;
let drag;

document.addEventListener('pointerdown', (event) => {
  if (event.pointerType === 'touch' || event.button > 1 || !event.target.closest?.('#desk')) return;
  const { clientX: x, clientY: y, pointerId } = event;
  if (x > desk().getBoundingClientRect().left + desk().clientWidth) return; // the scroll bar
  drag = { x, y, pointerId, isMoving: false };
});

document.addEventListener('pointermove', (event) => {
  if (!drag || event.pointerId !== drag.pointerId) return;
  if (!drag.isMoving && Math.hypot(event.clientX - drag.x, event.clientY - drag.y) < slack) return;
  if (!drag.isMoving) {
    drag.isMoving = true;
    desk().setPointerCapture(drag.pointerId);
    desk().classList.add('is-dragged');
    getSelection().removeAllRanges();
  }
  desk().scrollBy({ left: drag.x - event.clientX, top: drag.y - event.clientY, behavior: 'instant' });
  [drag.x, drag.y] = [event.clientX, event.clientY];
});

for (const kind of ['pointerup', 'pointercancel']) {
  document.addEventListener(kind, () => {
    desk()?.classList.remove('is-dragged');
    // the click that ends a drag is none
    if (drag?.isMoving) document.addEventListener('click', swallow, { capture: true, once: true });
    setTimeout(() => document.removeEventListener('click', swallow, { capture: true }));
    drag = undefined;
  });
}

function swallow(event) {
  event.stopPropagation();
  event.preventDefault();
}

document.addEventListener('dragstart', (event) => {
  if (event.target.closest?.('#desk')) event.preventDefault();
});

// --- image, text or both, where there is no room for both

function show(what) {
  sessionStorage.setItem('show', what);
  document.getElementById('review').dataset.shows = what;
  for (const button of document.querySelectorAll('button[data-show]')) {
    button.setAttribute('aria-pressed', String(button.dataset.show === what));
  }
}

for (const change of ['htmx:after:swap', 'review:scan']) document.addEventListener(change, apply);
apply();
