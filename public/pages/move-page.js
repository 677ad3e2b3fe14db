// Moving pages by keys and by drag. Without it, each page's menu moves it.
import { announce } from '../site/announce.js';
import { closest, findById, get } from '../site/elements.js';
import { actionsForm, cards, csrfToken, grid, numberOf, refresh, showRefusal } from './page-grid.js';

/** @param {HTMLElement} card */
const handleOf = (card) => get('.handle', HTMLElement, card);
/** @param {HTMLElement} card */
const idOf = (card) => card.id.replace('page-', '');
/**
 * The page that the keys move, and the number that it had.
 * @type {{ card: HTMLElement, from: number } | undefined}
 */
let grabbed;
let isDragging = false;

export const isMoving = () => Boolean(grabbed) || isDragging;

/**
 * @param {HTMLElement} card
 * @param {number} number
 */
async function moveTo(card, number) {
  const url = `/api/v1/projects/${actionsForm().dataset.project}/pages/${idOf(card)}`;
  const headers = { 'Content-Type': 'application/json', 'X-CSRF-Token': csrfToken() };
  const answer = await fetch(url, { method: 'PATCH', headers, body: JSON.stringify({ number }) }).catch(
    () => undefined,
  );
  if (!answer?.ok) {
    const problem = await answer?.json().catch(() => undefined);
    showRefusal(problem?.detail ?? 'The page couldn’t be moved: Paperlift isn’t responding. Try again.');
  } else showRefusal('');
  await refresh();
  return answer?.ok;
}

/**
 * @param {HTMLElement} card
 * @param {number} index
 */
function putAt(card, index) {
  const others = cards().filter((other) => other !== card);
  const place = Math.max(0, Math.min(index, others.length));
  grid()?.insertBefore(card, others[place] ?? null);
}

/** @param {HTMLElement} card */
function grab(card) {
  grabbed = { card, from: numberOf(card) };
  card.classList.add('is-grabbed');
  handleOf(card).setAttribute('aria-pressed', 'true');
  announce(
    `Page ${grabbed.from} of ${cards().length} selected to move. Use the arrow keys to move it, Enter to drop it or Escape to cancel.`,
  );
}

/** @param {boolean} isKept */
async function letGo(isKept) {
  if (!grabbed) return;
  const { card, from } = grabbed;
  grabbed = undefined;
  card.classList.remove('is-grabbed');
  const handle = handleOf(card);
  handle.setAttribute('aria-pressed', 'false');
  if (!isKept) putAt(card, from - 1);
  handle.focus();
  const to = numberOf(card);
  if (!isKept || to === from) return announce(`Page ${from} not moved.`);
  if (await moveTo(card, to)) announce(`Page moved from ${from} to ${to}.`);
  findById(handle.id)?.focus();
}

function columns() {
  const [first] = cards();
  return cards().filter((card) => card.offsetTop === first?.offsetTop).length;
}

document.addEventListener('keydown', (event) => {
  const handle = closest(event.target, '.handle');
  const card = closest(handle, '.page-card');
  if (!handle || !card) return;
  const isPress = event.key === 'Enter' || event.key === ' ';
  if (isPress) {
    event.preventDefault();
    if (grabbed) letGo(true);
    else grab(card);
    return;
  }
  if (!grabbed) return;
  if (event.key === 'Escape' || event.key === 'Tab') {
    if (event.key === 'Escape') event.preventDefault();
    letGo(false);
    return;
  }
  const at = numberOf(card) - 1;
  const last = cards().length - 1;
  /** @type {Record<string, number>} */
  const places = {
    ArrowLeft: at - 1,
    ArrowRight: at + 1,
    ArrowUp: at - columns(),
    ArrowDown: at + columns(),
    Home: 0,
    End: last,
  };
  const place = places[event.key];
  if (place === undefined) return;
  event.preventDefault();
  putAt(card, Math.max(0, Math.min(place, last)));
  handle.focus();
  card.scrollIntoView({ block: 'nearest' });
  announce(`Position ${numberOf(card)} of ${cards().length}.`);
});

document.addEventListener('click', (event) => {
  const handle = closest(event.target, '.handle');
  if (handle && event.detail > 0) announce('Drag the page, or press Enter and use the arrow keys.');
});

document.addEventListener('focusout', (event) => {
  // a move takes the handle out of the page for a moment; who really went elsewhere puts the page back
  if (grabbed && event.relatedTarget && event.relatedTarget !== handleOf(grabbed.card)) letGo(false);
});

// --- dragging: what does it is loaded when a pointer first comes near

/** @type {Sortable | undefined} */
let sortable;
async function prepareDragging() {
  if (!grid() || cards().length < 2) return;
  await import(actionsForm().dataset.sortable ?? '');
  const list = grid();
  if (!list || !window.Sortable || window.Sortable.get(list)) return;
  sortable = window.Sortable.create(list, {
    animation: matchMedia('(prefers-reduced-motion: reduce)').matches ? 0 : 150,
    draggable: '.page-card',
    filter: '.pick, .card-menu',
    preventOnFilter: false,
    forceFallback: true,
    fallbackTolerance: 6,
    delay: 250,
    delayOnTouchOnly: true,
    touchStartThreshold: 6,
    ghostClass: 'is-ghost',
    chosenClass: 'is-held',
    onStart: () => {
      isDragging = true;
    },
    /** @param {{ item: HTMLElement, oldIndex: number, newIndex: number }} move */
    onEnd: async ({ item, oldIndex, newIndex }) => {
      stopClick();
      isDragging = false;
      if (oldIndex === newIndex) return;
      if (await moveTo(item, numberOf(item))) announce(`Page moved from ${oldIndex + 1} to ${newIndex + 1}.`);
    },
  });
}

/** The click that ends a drag opens nothing. */
function stopClick() {
  /** @param {Event} event */
  const stop = (event) => {
    event.preventDefault();
    event.stopPropagation();
  };
  document.addEventListener('click', stop, { capture: true, once: true });
  setTimeout(() => document.removeEventListener('click', stop, { capture: true }), 50);
}

for (const near of ['pointerover', 'touchstart']) {
  document.addEventListener(
    near,
    (event) => {
      if (!closest(event.target, '#grid') || (sortable && sortable.el === grid())) return;
      prepareDragging();
    },
    { passive: true },
  );
}
