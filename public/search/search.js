// Lists results under the search box while typing. Without it, Enter opens the page of results.
import { byId, closest, find, findAll, findById, get, textsOf } from '../site/elements.js';

const debounceMs = 120;
const form = findById('search', HTMLFormElement);

if (form) followInput(form);
showFound();

/** @param {HTMLFormElement} form */
function followInput(form) {
  const input = byId('search-q', HTMLInputElement);
  const list = byId('search-list');
  const status = byId('search-status');
  /** @type {number | undefined} */
  let waiting;
  /** @type {AbortController | undefined} */
  let asking;
  let asked = '';

  for (const [name, value] of Object.entries({
    role: 'combobox',
    'aria-autocomplete': 'list',
    'aria-haspopup': 'listbox',
    'aria-controls': 'search-list',
    'aria-expanded': 'false',
  }))
    input.setAttribute(name, value);
  input.addEventListener('input', () => {
    clearTimeout(waiting);
    waiting = setTimeout(showResults, debounceMs);
  });
  input.addEventListener('focus', () => {
    if (asked && input.value.trim() === asked && list.childElementCount > 0) open(true);
  });
  form.addEventListener('focusout', ({ relatedTarget }) => {
    if (!(relatedTarget instanceof Node && form.contains(relatedTarget))) open(false);
  });
  input.addEventListener('keydown', onKey);
  document.addEventListener('keydown', onSlash);
  document.addEventListener('pointerdown', ({ target }) => {
    if (target instanceof Node && !form.contains(target)) open(false);
  });

  /** @param {KeyboardEvent} event */
  function onSlash(event) {
    const isTyping = closest(event.target, 'input, textarea, select, [contenteditable]');
    if (event.key !== '/' || event.ctrlKey || event.metaKey || event.altKey || isTyping) return;
    if (localStorage.getItem('single-keys') === 'off') return;
    event.preventDefault();
    input.focus();
    input.select();
  }

  async function showResults() {
    const q = input.value.trim();
    asking?.abort();
    asked = '';
    if (q === '') return open(false);
    asking = new AbortController();
    const { signal } = asking;
    const { scope } = Object.fromEntries(textsOf(form));
    const query = new URLSearchParams({ q, part: 'list', ...(scope ? { scope } : {}) });
    try {
      const answer = await fetch(`/search?${query}`, { signal });
      if (!answer.ok || answer.redirected) return open(false);
      const html = await answer.text();
      if (signal.aborted) return;
      list.innerHTML = html;
      asked = q;
      const count = list.querySelectorAll('.hit:not(.hit-all)').length;
      status.textContent =
        count === 0
          ? 'No results.'
          : `${count} ${count === 1 ? 'result' : 'results'}. Use the arrow keys to choose one.`;
      choose(undefined);
      open(form.contains(document.activeElement));
    } catch {
      if (!signal.aborted) open(false); // Enter still asks
    }
  }

  const options = () => findAll('a[role="option"]', HTMLAnchorElement, list);
  const chosen = () => find('[aria-selected="true"]', HTMLAnchorElement, list);

  /** @param {boolean} isOpen */
  function open(isOpen) {
    list.hidden = !isOpen;
    input.setAttribute('aria-expanded', String(isOpen));
    if (!isOpen) choose(undefined);
  }

  /** @param {HTMLElement | undefined} option */
  function choose(option) {
    chosen()?.setAttribute('aria-selected', 'false');
    option?.setAttribute('aria-selected', 'true');
    option?.scrollIntoView({ block: 'nearest' });
    if (option) input.setAttribute('aria-activedescendant', option.id);
    else input.removeAttribute('aria-activedescendant');
  }

  /** @param {KeyboardEvent} event */
  function onKey(event) {
    if (event.isComposing) return;
    const isOpen = !list.hidden;
    const option = chosen();
    if (event.key === 'Escape' && isOpen) {
      event.preventDefault(); // else the browser empties the box
      clearTimeout(waiting);
      asking?.abort(); // else its answer would open the list again
      open(false);
    } else if (event.key === 'Enter' && isOpen && option) {
      event.preventDefault();
      location.assign(option.href);
    } else if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
      const all = options();
      if (!isOpen || all.length === 0) return;
      event.preventDefault();
      const step = event.key === 'ArrowDown' ? 1 : -1;
      const places = all.length + 1; // the box itself is one of them
      const next = ((option ? all.indexOf(option) : -1) + 1 + step + places) % places;
      choose(all[next - 1]);
    }
  }
}

/** On a page with results: scrolls the image to the first marked word. */
function showFound() {
  const box = find('.boxes .found', SVGElement);
  const desk = findById('desk');
  if (!box || !desk) return;
  const image = get('img', HTMLImageElement, desk);
  const scroll = () => {
    const [there, here] = [box.getBoundingClientRect(), desk.getBoundingClientRect()];
    desk.scrollBy({
      left: there.left + there.width / 2 - here.left - here.width / 2,
      top: there.top - here.top - here.height / 3,
      behavior: 'instant',
    });
  };
  if (image.complete) requestAnimationFrame(scroll);
  else image.addEventListener('load', () => requestAnimationFrame(scroll), { once: true });
}
