// Copies the text of a page.
import { announce } from '../site/announce.js';
import { copyToClipboard } from '../site/clipboard.js';
import { closest, findAll } from '../site/elements.js';

/** @param {HTMLElement} button */
async function copyText(button) {
  const text = findAll('.line-text')
    .map((line) => line.textContent)
    .join('\n');
  const isCopied = await copyToClipboard(text);
  button.textContent = isCopied ? 'Copied' : 'Not copied';
  announce(isCopied ? 'Page text copied' : 'Copying failed. Select the text and copy it.');
  setTimeout(() => {
    button.textContent = 'Copy text';
  }, 2000);
}

document.addEventListener('click', ({ target }) => {
  const button = closest(target, '#copy');
  if (button) copyText(button);
});
