// Finds projects by name as one types. Without it, the form does the same by its button.
import { byId, findById, matches, textsOf } from '../site/elements.js';

const debounceMs = 150;
/** @type {number | undefined} */
let waiting;
/** @type {AbortController | undefined} */
let asking;

document.addEventListener('input', (event) => {
  if (!matches(event.target, '#q')) return;
  clearTimeout(waiting);
  waiting = setTimeout(find, debounceMs);
});

async function find() {
  const form = byId('find', HTMLFormElement);
  const query = new URLSearchParams(textsOf(form).filter(([, value]) => value.trim()));
  const address = query.size > 0 ? `/?${query}` : '/';
  asking?.abort();
  asking = new AbortController();
  const { signal } = asking;
  try {
    const answer = await fetch(address, { signal });
    if (!answer.ok || answer.redirected) return;
    const found = new DOMParser().parseFromString(await answer.text(), 'text/html');
    if (signal.aborted) return;
    for (const id of ['list', 'sort']) findById(id)?.replaceWith(findById(id, HTMLElement, found) ?? '');
    byId('found').textContent = byId('found', HTMLElement, found).textContent;
    history.replaceState(null, '', address);
  } catch {
    if (!signal.aborted) form.dataset.trouble = 'yes'; // the button still finds them
  }
}
