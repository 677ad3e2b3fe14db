// Keeps a project's name that was sent when the session had ended: after signing in, it stands in its field again, for the
// same person, and is sent by nobody but them.
import { announce } from '../site/announce.js';
import { find, findById } from '../site/elements.js';

const key = `name-draft ${document.body.dataset.person}`;

document.addEventListener('submit', ({ target }) => {
  const field = target instanceof HTMLFormElement ? find('[data-keep]', HTMLInputElement, target) : undefined;
  if (!field) return;
  sessionStorage.setItem(key, JSON.stringify({ path: location.pathname, id: field.id, value: field.value }));
});

function restore() {
  const { path, id, value } = JSON.parse(sessionStorage.getItem(key) ?? '{}');
  sessionStorage.removeItem(key); // saved, or shown again
  const field = path === location.pathname ? findById(id, HTMLInputElement) : undefined;
  if (!field || field.value === value) return;
  const menu = field.closest('details');
  if (menu) menu.open = true;
  field.value = value;
  field.focus();
  announce('Unsaved name restored.');
}

restore();
