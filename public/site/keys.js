// The list of keyboard shortcuts: on every page, by ? or from the menu. Single keys can be switched off there, because
// people who dictate would press them by speaking (WCAG 2.1.4).
import { closest, findAll, findById } from './elements.js';

const dialog = findById('keys', HTMLDialogElement);
const setting = findById('keys-setting', HTMLInputElement);

function open() {
  if (!dialog || !setting) return;
  setting.checked = localStorage.getItem('single-keys') !== 'off';
  for (const menu of findAll('details.menu[open]', HTMLDetailsElement)) menu.open = false;
  dialog.showModal();
}

document.addEventListener('keydown', (event) => {
  if (event.key !== '?' || event.ctrlKey || event.metaKey || event.altKey) return;
  if (closest(event.target, 'input, textarea, select, [contenteditable], dialog')) return;
  if (localStorage.getItem('single-keys') === 'off') return;
  event.preventDefault();
  open();
});

document.addEventListener('click', ({ target }) => {
  if (closest(target, '[data-keys]')) open();
  else if (dialog && target === dialog) dialog.close(); // beside it
});

setting?.addEventListener('change', () => {
  localStorage.setItem('single-keys', setting.checked ? 'on' : 'off');
  document.dispatchEvent(new CustomEvent('keys:changed'));
});
