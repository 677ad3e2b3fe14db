// Replacing a page's image from its menu. Without it, the menu leads to a form.
import { announce } from '../site/announce.js';
import { byId, closest, findById } from '../site/elements.js';
import { closeMenus, csrfToken, numberOf, refresh, showRefusal } from './page-grid.js';

/**
 * The id of the page whose image is being replaced.
 * @type {string | undefined}
 */
let replacing;
document.addEventListener('click', (event) => {
  const link = closest(event.target, '[data-replace]', HTMLAnchorElement);
  if (!link || event.ctrlKey || event.metaKey) return;
  event.preventDefault();
  replacing = /pages\/(\w+)\/replace/.exec(link.pathname)?.[1];
  byId('replace-file').click();
});

document.addEventListener('change', async ({ target }) => {
  if (!(target instanceof HTMLInputElement) || target.id !== 'replace-file') return;
  const [file] = target.files ?? [];
  target.value = '';
  if (!file || !replacing) return;
  closeMenus();
  const number = numberOf(byId(`page-${replacing}`));
  announce(`Replacing page ${number}…`);
  const refusal = await replace(replacing, file).catch(
    () => 'The page couldn’t be replaced: connection lost. Try again.',
  );
  showRefusal(refusal);
  await refresh();
  if (!refusal) announce(`Page ${number} replaced. Processing its text…`);
  findById(`more-${replacing}`)?.focus({ preventScroll: true });
});

/**
 * Sends the file through the server or, where large files go there directly, to S3. Returns why it was refused.
 * @param {string} pageId
 * @param {File} file
 * @returns {Promise<string>}
 */
async function replace(pageId, file) {
  const { pages = '', uploads = '', directAbove } = byId('upload').dataset;
  const headers = { 'X-CSRF-Token': csrfToken() };
  /** @param {Response} answer */
  const refusalOf = async (answer) =>
    answer.ok
      ? ''
      : ((await answer.json().catch(() => ({}))).detail ?? 'The page couldn’t be replaced. Try again.');
  if (!directAbove || file.size <= Number(directAbove)) {
    const body = new FormData();
    body.append('files', file);
    return refusalOf(await fetch(`${pages}/${pageId}/image`, { method: 'PUT', headers, body }));
  }
  const announced = {
    fileName: file.name,
    contentType: file.type || 'application/octet-stream',
    size: file.size,
    pageId,
  };
  const json = { ...headers, 'Content-Type': 'application/json' };
  const begun = await fetch(uploads, {
    method: 'POST',
    headers: json,
    body: JSON.stringify(announced),
  });
  if (!begun.ok) return refusalOf(begun);
  const { id, method, url, headers: signed } = await begun.json();
  const sent = await fetch(url, { method, headers: signed, body: file });
  if (!sent.ok) return 'Upload failed. Try again.';
  return refusalOf(await fetch(`${uploads}/${id}/complete`, { method: 'POST', headers: json, body: '{}' }));
}
