// Lists results under the search box while typing. Without it, Enter opens the page of results.
const waitMs = 120;
const form = document.getElementById('search');
const input = document.getElementById('search-q');
const list = document.getElementById('search-list');
const status = document.getElementById('search-status');
let waiting;
let asking;
let asked = '';

if (form) {
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
    waiting = setTimeout(find, waitMs);
  });
  input.addEventListener('focus', () => {
    if (asked && input.value.trim() === asked && list.childElementCount > 0) open(true);
  });
  form.addEventListener('focusout', ({ relatedTarget }) => {
    if (!form.contains(relatedTarget)) open(false);
  });
  input.addEventListener('keydown', onKey);
  document.addEventListener('keydown', onSlash);
  document.addEventListener('pointerdown', ({ target }) => !form.contains(target) && open(false));
}
showFound();

function onSlash(event) {
  const isTyping = event.target.closest?.('input, textarea, select, [contenteditable]');
  if (event.key !== '/' || event.ctrlKey || event.metaKey || event.altKey || isTyping) return;
  if (localStorage.getItem('single-keys') === 'off') return;
  event.preventDefault();
  input.focus();
  input.select();
}

async function find() {
  const q = input.value.trim();
  asking?.abort();
  asked = '';
  if (q === '') return open(false);
  asking = new AbortController();
  const { signal } = asking;
  const scope = new FormData(form).get('scope');
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
  } catch (error) {
    if (error.name !== 'AbortError') open(false); // Enter still asks
  }
}

const options = () => [...list.querySelectorAll('a[role="option"]')];
const chosen = () => list.querySelector('[aria-selected="true"]');

function open(isOpen) {
  list.hidden = !isOpen;
  input.setAttribute('aria-expanded', String(isOpen));
  if (!isOpen) choose(undefined);
}

function choose(option) {
  chosen()?.setAttribute('aria-selected', 'false');
  option?.setAttribute('aria-selected', 'true');
  option?.scrollIntoView({ block: 'nearest' });
  if (option) input.setAttribute('aria-activedescendant', option.id);
  else input.removeAttribute('aria-activedescendant');
}

function onKey(event) {
  if (event.isComposing) return;
  const isOpen = !list.hidden;
  if (event.key === 'Escape' && isOpen) {
    event.preventDefault(); // else the browser empties the box
    clearTimeout(waiting);
    asking?.abort(); // else its answer would open the list again
    open(false);
  } else if (event.key === 'Enter' && isOpen && chosen()) {
    event.preventDefault();
    location.assign(chosen().href);
  } else if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
    const all = options();
    if (!isOpen || all.length === 0) return;
    event.preventDefault();
    const step = event.key === 'ArrowDown' ? 1 : -1;
    const places = all.length + 1; // the box itself is one of them
    const next = (all.indexOf(chosen()) + 1 + step + places) % places;
    choose(all[next - 1]);
  }
}

/** On a page with results: scrolls the image to the first marked word. */
function showFound() {
  const box = document.querySelector('.boxes .found');
  const desk = document.getElementById('desk');
  if (!box || !desk) return;
  const image = desk.querySelector('img');
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
