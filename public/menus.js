// On every page. Closes an open menu on Escape and when something else is pressed, and puts the focus into the form that a
// menu holds. Without it, menus close by their own button.
const openMenus = () => document.querySelectorAll('details.menu[open]');

/** A menu hangs from its button; near the window's edge it is moved sideways. */
function moveIntoSight(panel) {
  const margin = 8;
  panel.style.translate = '';
  const { left, right } = panel.getBoundingClientRect();
  const over = right + margin - document.documentElement.clientWidth;
  const shift = left < margin ? margin - left : over > 0 ? -Math.min(over, left - margin) : 0;
  if (shift !== 0) panel.style.translate = `${shift}px 0`;
}

addEventListener('resize', () => {
  for (const menu of openMenus()) {
    const panel = menu.querySelector(':scope > .menu-panel');
    if (panel) moveIntoSight(panel);
  }
});

document.addEventListener(
  'toggle',
  ({ target }) => {
    if (!target.open || !target.matches?.('details.menu')) return;
    const panel = target.querySelector(':scope > .menu-panel');
    if (panel) moveIntoSight(panel);
    target.querySelector(':scope > .form-panel input:not([type="hidden"])')?.focus();
  },
  { capture: true },
);

document.addEventListener('pointerdown', (event) => {
  for (const menu of openMenus()) if (!menu.contains(event.target)) menu.open = false;
});

document.addEventListener('keydown', (event) => {
  if (event.key !== 'Escape') return;
  for (const menu of openMenus()) {
    menu.open = false;
    if (menu.contains(document.activeElement)) menu.querySelector('summary').focus();
  }
});

// The tab keeps what belongs to the person: files that were refused, places on pages.
document.addEventListener('submit', ({ target }) => {
  if (new URL(target.action).pathname.startsWith('/auth/logout')) sessionStorage.clear();
});

// Browsers keep pages in their memory for the way back, and who comes back may have signed out meanwhile: such a page is
// kept empty, and asked for again.
addEventListener('pagehide', (event) => {
  if (event.persisted && document.querySelector('.person-menu')) document.body.replaceChildren();
});

addEventListener('pageshow', (event) => {
  if (event.persisted) location.reload();
});
