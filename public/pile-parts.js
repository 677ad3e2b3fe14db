// What everything that is done to a project's pile of pages shares.
export const pile = () => document.getElementById('pile');
export const grid = () => document.getElementById('grid');
export const cards = () => [...(grid()?.children ?? [])];
/** From one; 0 for what is no card of the pile. */
export const numberOf = (card) => cards().indexOf(card) + 1;
export const csrfToken = () => pile().elements._csrf.value;

export async function refresh() {
  const { htmx } = window;
  await htmx?.ajax('GET', `/projects/${pile()?.dataset.project ?? location.pathname.split('/')[2]}/status`, {
    target: '#live',
    swap: 'outerMorph',
  });
}

/** Takes away what was refused before when `text` is empty. */
export function showRefusal(text) {
  const place = document.getElementById('messages');
  const note = document.createElement('p');
  note.className = 'banner banner-failed';
  note.setAttribute('role', 'alert');
  note.textContent = text;
  place.replaceChildren(...(text ? [note] : []));
}

export function closeMenus() {
  for (const menu of document.querySelectorAll('.card-menu[open]')) menu.open = false;
}
