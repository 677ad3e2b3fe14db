// The list of keyboard shortcuts: on every page, by ? or from the menu. Single keys can be switched off there, because
// people who dictate would press them by speaking (WCAG 2.1.4).
const dialog = document.getElementById('keys');
const setting = document.getElementById('keys-setting');

function open() {
  setting.checked = localStorage.getItem('single-keys') !== 'off';
  for (const menu of document.querySelectorAll('details.menu[open]')) menu.open = false;
  dialog.showModal();
}

document.addEventListener('keydown', (event) => {
  if (event.key !== '?' || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.target.closest?.('input, textarea, select, [contenteditable], dialog')) return;
  if (localStorage.getItem('single-keys') === 'off') return;
  event.preventDefault();
  open();
});

document.addEventListener('click', ({ target }) => {
  if (target.closest?.('[data-keys]')) open();
  else if (target === dialog) dialog.close(); // beside it
});

setting?.addEventListener('change', () => {
  localStorage.setItem('single-keys', setting.checked ? 'on' : 'off');
  document.dispatchEvent(new CustomEvent('keys:changed'));
});
