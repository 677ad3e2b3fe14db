// The project's name, written in its place. Without it, the form works by its button.
import { byId, find, get } from '../site/elements.js';

const renaming = () => find('.rename-menu[open]', HTMLDetailsElement);

document.addEventListener(
  'toggle',
  ({ target }) => {
    if (target instanceof HTMLDetailsElement && target.id === 'rename-menu' && target.open)
      byId('rename', HTMLInputElement).select();
  },
  { capture: true },
);

document.addEventListener('pointerdown', ({ target }) => {
  const menu = renaming();
  if (menu && target instanceof Node && !menu.contains(target)) menu.open = false;
});

document.addEventListener('keydown', (event) => {
  const menu = renaming();
  if (event.key !== 'Escape' || !menu || !(event.target instanceof Node) || !menu.contains(event.target))
    return;
  get('form', HTMLFormElement, menu).reset();
  menu.open = false;
  byId('rename-open').focus();
});
