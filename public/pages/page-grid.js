// What everything that is done to a project's grid of pages shares.
import { byId, field, findAll, findById } from '../site/elements.js';

export const findActionsForm = () => findById('page-actions', HTMLFormElement);
export const actionsForm = () => byId('page-actions', HTMLFormElement);
export const grid = () => findById('grid');
export const cards = () => findAll('#grid > *');
/**
 * From one; 0 for what is no card of the grid.
 * @param {HTMLElement} card
 */
export const numberOf = (card) => cards().indexOf(card) + 1;
export const csrfToken = () => field(actionsForm(), '_csrf').value;

export async function refresh() {
  const { htmx } = window;
  await htmx?.ajax(
    'GET',
    `/projects/${findActionsForm()?.dataset.project ?? location.pathname.split('/')[2]}/status`,
    {
      target: '#live',
      swap: 'outerMorph',
    },
  );
}

/**
 * Takes away what was refused before when `text` is empty.
 * @param {string} text
 */
export function showRefusal(text) {
  const place = byId('messages');
  const note = document.createElement('p');
  note.className = 'banner banner-failed';
  note.setAttribute('role', 'alert');
  note.textContent = text;
  place.replaceChildren(...(text ? [note] : []));
}

export function closeMenus() {
  for (const menu of findAll('.card-menu[open]', HTMLDetailsElement)) menu.open = false;
}
