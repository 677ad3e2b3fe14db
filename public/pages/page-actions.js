// Selecting pages, and acting on them without loading the page anew. Without it, the same form works
// by its buttons.
import { isMoving } from './move-page.js';
import './replace-page.js';
import { announce } from '../site/announce.js';
import { byId, find, findAll, findById, matches, textsOf } from '../site/elements.js';
import { leaveIfGone } from '../site/lost-access.js';
import { closeMenus, findActionsForm, refresh, showRefusal } from './page-grid.js';

const picks = () => findAll('.pick', HTMLInputElement);
/** @type {HTMLInputElement | undefined} */
let lastPick;
/**
 * The ids of the pages that are selected.
 * @type {Set<string>}
 */
let chosen = new Set();

// --- nothing is swapped in while somebody has a page in hand or a menu open

for (const change of /** @type {const} */ (['htmx:before:request', 'htmx:before:swap'])) {
  document.addEventListener(change, (event) => {
    if (isMoving() || find('.card-menu[open], .rename-menu[open]')) event.preventDefault();
  });
}

// --- choosing

function showChosen() {
  for (const pick of picks()) pick.checked = chosen.has(pick.value);
  const count = chosen.size;
  const bar = findById('selection');
  if (!bar) return;
  bar.classList.toggle('is-shown', count > 0);
  byId('selection-count').textContent = `${count.toLocaleString('en')} selected`;
}

document.addEventListener('click', ({ target, shiftKey }) => {
  if (matches(target, '#choose-all')) {
    chosen = new Set(picks().map(({ value }) => value));
    showChosen();
    announce(`${chosen.size.toLocaleString('en')} pages selected.`);
  }
  if (!(target instanceof HTMLInputElement) || !target.matches('.pick')) return;
  const all = picks();
  const [from, to] = [lastPick ? all.indexOf(lastPick) : -1, all.indexOf(target)];
  const range = shiftKey && from >= 0 ? all.slice(Math.min(from, to), Math.max(from, to) + 1) : [target];
  for (const pick of range) pick.checked = target.checked;
  chosen = new Set(all.filter(({ checked }) => checked).map(({ value }) => value));
  lastPick = target;
  showChosen();
});

document.addEventListener('reset', (event) => {
  if (!event.target || event.target !== findActionsForm()) return;
  chosen.clear();
  setTimeout(showChosen);
  announce('Selection cleared.');
  findById('choose-all')?.focus();
});

document.addEventListener('htmx:after:swap', () => {
  const there = new Set(picks().map(({ value }) => value));
  chosen = new Set([...chosen].filter((id) => there.has(id)));
  showChosen();
});

// --- the form, without loading the page anew

document.addEventListener('submit', async (event) => {
  const form = event.target;
  if (!(form instanceof HTMLFormElement) || !form.matches('[data-live]') || event.defaultPrevented) return;
  event.preventDefault();
  const button = event.submitter instanceof HTMLButtonElement ? event.submitter : undefined;
  const fields = new URLSearchParams(textsOf(form, button));
  fields.set('fragment', 'yes');
  if (form.ariaBusy === 'true') return;
  form.ariaBusy = 'true';
  try {
    const answer = await fetch(form.action, { method: 'POST', body: fields });
    const text = await answer.text();
    if (leaveIfGone(answer.status, text)) return;
    const said = readJson(text);
    closeMenus();
    showRefusal(answer.ok ? '' : (said.message ?? 'Nothing was changed. Try again.'));
    if (!answer.ok) return;
    const isTurn = button?.value.startsWith('rotate-');
    const isSelected = isTurn || button?.value === 'assign'; // what is undone by the button beside it
    if (!button?.value.includes(':') && !isSelected && form === findActionsForm()) chosen.clear();
    for (const input of findAll('input[type="number"]', HTMLInputElement, form)) input.value = '';
    await refresh();
    announce(said.said ?? '');
    if (isTurn && button) stayAt(button);
    else focusOn(said.focus, button);
  } catch {
    showRefusal('Paperlift isn’t responding, so nothing was changed. Try again.');
  } finally {
    form.ariaBusy = 'false';
  }
});

/**
 * What the server says; nothing of what is no JSON.
 * @param {string} text
 * @returns {{ said?: string, focus?: string, message?: string }}
 */
function readJson(text) {
  try {
    return JSON.parse(text);
  } catch {
    return {};
  }
}

/**
 * Who rotates a page may want to rotate it again: the button stays where it is, its menu open.
 * @param {HTMLButtonElement} button
 */
function stayAt({ value, id }) {
  const [, pageId] = value.split(':');
  const menu = pageId ? findById(`menu-${pageId}`, HTMLDetailsElement) : undefined;
  if (menu) menu.open = true;
  const button = menu ? find(`[value="${value}"]`, HTMLElement, menu) : findById(id);
  button?.focus({ preventScroll: true });
}

/**
 * Where the work goes on: at Undo, at the page that is back, or at the menu of the page that was changed.
 * @param {string | undefined} id
 * @param {HTMLButtonElement | undefined} button
 */
function focusOn(id, button) {
  const [, pageId] = button?.value?.split(':') ?? [];
  const place = findById(id) ?? (pageId ? findById(`more-${pageId}`) : undefined) ?? findById('choose-all');
  place?.focus({ preventScroll: !place.id.startsWith('undo-') });
}

// --- what was deleted by a page that led here
const news = find('[data-news]')?.dataset.news;
if (news) setTimeout(() => announce(news), 500);
