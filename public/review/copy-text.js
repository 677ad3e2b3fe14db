// Copies the text of a page.
import { announce } from '../site/announce.js';
import { closest, findAll, findById } from '../site/elements.js';

/** @param {HTMLElement} button */
async function copyText(button) {
  const text = findAll('.line-text')
    .map((line) => line.textContent)
    .join('\n');
  const isCopied = await write(text);
  button.textContent = isCopied ? 'Copied' : 'Not copied';
  announce(isCopied ? 'Page text copied' : 'Copying failed. Select the text and copy it.');
  setTimeout(() => {
    button.textContent = 'Copy text';
  }, 2000);
}

/** @param {string} text */
async function write(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    const field = document.createElement('textarea');
    field.value = text;
    document.body.append(field);
    field.select();
    const isCopied = document.execCommand('copy');
    field.remove();
    findById('copy')?.focus();
    return isCopied;
  }
}

document.addEventListener('click', ({ target }) => {
  const button = closest(target, '#copy');
  if (button) copyText(button);
});
