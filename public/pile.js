// The pile of pages: choosing several, and doing things to them without loading the page anew. Without it, the same form works
// by its buttons.
import { isMoving } from './pile-move.js';
import './pile-replace.js';
import { announce } from './announce.js';
import { closeMenus, pile, refresh, showRefusal } from './pile-parts.js';

const picks = () => [...document.querySelectorAll('.pick')];
let lastPick;
let chosen = new Set();

// --- nothing is swapped in while somebody has a page in hand or a menu open

for (const change of ['htmx:before:request', 'htmx:before:swap']) {
  document.addEventListener(change, (event) => {
    if (isMoving() || document.querySelector('.card-menu[open], .rename-menu[open]')) event.preventDefault();
  });
}

// --- choosing

function showChosen() {
  for (const pick of picks()) pick.checked = chosen.has(pick.value);
  const count = chosen.size;
  const bar = document.getElementById('selection');
  if (!bar) return;
  bar.classList.toggle('is-shown', count > 0);
  document.getElementById('selection-count').textContent = `${count.toLocaleString('en')} selected`;
}

document.addEventListener('click', (event) => {
  if (event.target.id === 'choose-all') {
    chosen = new Set(picks().map(({ value }) => value));
    showChosen();
    announce(`${chosen.size.toLocaleString('en')} pages selected.`);
  }
  if (!event.target.matches?.('.pick')) return;
  const all = picks();
  const [from, to] = [all.indexOf(lastPick), all.indexOf(event.target)];
  const range =
    event.shiftKey && from >= 0 ? all.slice(Math.min(from, to), Math.max(from, to) + 1) : [event.target];
  for (const pick of range) pick.checked = event.target.checked;
  chosen = new Set(all.filter(({ checked }) => checked).map(({ value }) => value));
  lastPick = event.target;
  showChosen();
});

document.addEventListener('reset', (event) => {
  if (event.target !== pile()) return;
  chosen.clear();
  setTimeout(showChosen);
  announce('Selection cleared.');
  document.getElementById('choose-all')?.focus();
});

document.addEventListener('htmx:after:swap', () => {
  const there = new Set(picks().map(({ value }) => value));
  chosen = new Set([...chosen].filter((id) => there.has(id)));
  showChosen();
});

// --- the form, without loading the page anew

document.addEventListener('submit', async (event) => {
  const form = event.target;
  if (!form.matches('[data-live]') || event.defaultPrevented) return;
  event.preventDefault();
  const button = event.submitter;
  const fields = new URLSearchParams(new FormData(form, button));
  fields.set('fragment', 'yes');
  if (form.ariaBusy === 'true') return;
  form.ariaBusy = 'true';
  try {
    const answer = await fetch(form.action, { method: 'POST', body: fields });
    const said = await answer.json().catch(() => ({}));
    closeMenus();
    showRefusal(answer.ok ? '' : (said.message ?? 'Nothing was changed. Try again.'));
    if (!answer.ok) return;
    const isTurn = button?.value.startsWith('rotate-');
    if (!button?.value.includes(':') && !isTurn && form === pile()) chosen.clear();
    for (const input of form.querySelectorAll('input[type="number"]')) input.value = '';
    await refresh();
    announce(said.said);
    if (isTurn) stayAt(button);
    else focusOn(said.focus, button);
  } catch {
    showRefusal('Paperlift isn’t responding, so nothing was changed. Try again.');
  } finally {
    form.ariaBusy = 'false';
  }
});

/** Who rotates a page may want to rotate it again: the button stays where it is, its menu open. */
function stayAt({ value, id }) {
  const [, pageId] = value.split(':');
  const menu = pageId && document.getElementById(`menu-${pageId}`);
  if (menu) menu.open = true;
  const button = menu ? menu.querySelector(`[value="${value}"]`) : document.getElementById(id);
  button?.focus({ preventScroll: true });
}

/** Where the work goes on: at Undo, at the page that is back, or at the menu of the page that was changed. */
function focusOn(id, button) {
  const [, pageId] = button?.value?.split(':') ?? [];
  const place =
    (id && document.getElementById(id)) ||
    (pageId && document.getElementById(`more-${pageId}`)) ||
    document.getElementById('choose-all');
  place?.focus({ preventScroll: !place.id.startsWith('undo-') });
}

// --- what was deleted by a page that led here
const news = document.querySelector('[data-news]');
if (news) setTimeout(() => announce(news.dataset.news), 500);
