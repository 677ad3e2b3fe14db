// On every page. Closes an open menu on Escape and when something else is pressed, and puts the focus into the form that a
// menu holds. Without it, menus close by their own button.
import { find, findAll } from './elements.js';

const openMenus = () => findAll('details.menu[open]', HTMLDetailsElement);
/** @param {HTMLElement} menu */
const panelOf = (menu) => find(':scope > .menu-panel', HTMLElement, menu);

/**
 * A menu hangs from its button; near the window's edge it is moved sideways.
 * @param {HTMLElement} panel
 */
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
    const panel = panelOf(menu);
    if (panel) moveIntoSight(panel);
  }
});

// before it is painted, which may be before `toggle`
new MutationObserver((changes) => {
  for (const { target } of changes) {
    const panel = target instanceof HTMLElement && target.matches('.menu[open]') && panelOf(target);
    if (panel) moveIntoSight(panel);
  }
}).observe(document, { attributeFilter: ['open'], subtree: true });

document.addEventListener(
  'toggle',
  ({ target }) => {
    if (!(target instanceof HTMLDetailsElement) || !target.open || !target.matches('.menu')) return;
    const panel = panelOf(target);
    if (panel) moveIntoSight(panel);
    find(':scope > .form-panel input:not([type="hidden"])', HTMLElement, target)?.focus();
  },
  { capture: true },
);

document.addEventListener('pointerdown', ({ target }) => {
  for (const menu of openMenus()) if (target instanceof Node && !menu.contains(target)) menu.open = false;
});

document.addEventListener('keydown', (event) => {
  if (event.key !== 'Escape') return;
  for (const menu of openMenus()) {
    menu.open = false;
    if (menu.contains(document.activeElement)) menu.querySelector('summary')?.focus();
  }
});

// The tab keeps what belongs to the person: files that were refused, places on pages.
document.addEventListener('submit', ({ target }) => {
  if (!(target instanceof HTMLFormElement)) return;
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
