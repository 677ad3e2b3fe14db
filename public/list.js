// Finds projects by name as one types. Without it, the form does the same by its button.
const waitMs = 150;
let waiting;
let asking;

document.addEventListener('input', (event) => {
  if (event.target.id !== 'q') return;
  clearTimeout(waiting);
  waiting = setTimeout(find, waitMs);
});

async function find() {
  const form = document.getElementById('find');
  const query = new URLSearchParams([...new FormData(form)].filter(([, value]) => value.trim()));
  const address = query.size > 0 ? `/?${query}` : '/';
  asking?.abort();
  asking = new AbortController();
  const { signal } = asking;
  try {
    const answer = await fetch(address, { signal });
    if (!answer.ok || answer.redirected) return;
    const found = new DOMParser().parseFromString(await answer.text(), 'text/html');
    if (signal.aborted) return;
    for (const id of ['list', 'sort'])
      document.getElementById(id)?.replaceWith(found.getElementById(id) ?? '');
    document.getElementById('found').textContent = found.getElementById('found').textContent;
    history.replaceState(null, '', address);
  } catch (error) {
    if (error.name !== 'AbortError') form.dataset.trouble = 'yes'; // the button still finds them
  }
}
