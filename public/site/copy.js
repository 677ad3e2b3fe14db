// Buttons that copy the text of another element: `data-copy` is its id.
import { announce } from './announce.js';
import { copyToClipboard } from './clipboard.js';
import { byId, closest } from './elements.js';

document.addEventListener('click', async ({ target }) => {
  const button = closest(target, '[data-copy]');
  if (!button) return;
  const source = byId(button.dataset.copy ?? '');
  const isCopied = await copyToClipboard(source.textContent ?? '');
  if (!isCopied) getSelection()?.selectAllChildren(source);
  button.textContent = isCopied ? 'Copied' : 'Not copied';
  announce(isCopied ? 'Copied' : 'Copying failed. The text is selected: copy it.');
  setTimeout(() => {
    button.textContent = 'Copy';
  }, 2000);
});
