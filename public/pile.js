// The pile of pages: choosing several, moving by drag and by keys, and doing things to them without loading the page anew.
// Without it, the same form works by its buttons.
const pile = () => document.getElementById('pile');
const grid = () => document.getElementById('grid');
const cards = () => [...(grid()?.children ?? [])];
const picks = () => [...document.querySelectorAll('.pick')];
const idOf = (card) => card.id.replace('page-', '');
const csrfToken = () => pile().elements._csrf.value;

let grabbed;
let isDragging = false;
let lastPick;
let chosen = new Set();

function announce(text) {
  const announcer = document.getElementById('announcer');
  if (announcer) announcer.textContent = text;
}

// --- nothing is swapped in while somebody has a page in hand or a menu open

document.addEventListener('htmx:before:request', (event) => {
  if (grabbed || isDragging || document.querySelector('.card-menu[open], .rename-menu[open]'))
    event.preventDefault();
});

async function refresh() {
  const { htmx } = window;
  await htmx?.ajax('GET', `/projects/${pile()?.dataset.project ?? location.pathname.split('/')[2]}/status`, {
    target: '#live',
    swap: 'outerMorph',
  });
}

// --- choosing

function showChosen() {
  for (const pick of picks()) pick.checked = chosen.has(pick.value);
  const count = chosen.size;
  const bar = document.getElementById('selection');
  if (!bar) return;
  bar.classList.toggle('is-shown', count > 0);
  document.getElementById('selection-count').textContent = `${count} chosen`;
}

document.addEventListener('click', (event) => {
  if (event.target.id === 'choose-all') {
    chosen = new Set(picks().map(({ value }) => value));
    showChosen();
    announce(`${chosen.size} pages are chosen.`);
  }
  if (!event.target.matches?.('.pick')) return;
  const all = picks();
  const [from, to] = [all.indexOf(lastPick), all.indexOf(event.target)];
  const range =
    event.shiftKey && from >= 0 ? all.slice(Math.min(from, to), Math.max(from, to) + 1) : [event.target];
  for (const pick of range) pick.checked = event.target.checked;
  chosen = new Set(all.filter(({ checked }) => checked).map(({ value }) => value));
  lastPick = event.target;
  showChosen();
});

document.addEventListener('reset', (event) => {
  if (event.target !== pile()) return;
  chosen.clear();
  setTimeout(showChosen);
  announce('No page is chosen any more.');
  document.getElementById('choose-all')?.focus();
});

document.addEventListener('htmx:after:swap', () => {
  const there = new Set(picks().map(({ value }) => value));
  chosen = new Set([...chosen].filter((id) => there.has(id)));
  showChosen();
});

// --- the form, without loading the page anew

document.addEventListener('submit', async (event) => {
  const form = event.target;
  if (!form.matches('[data-live]') || event.defaultPrevented || form.dataset.plain) return;
  event.preventDefault();
  const button = event.submitter;
  const fields = new URLSearchParams(new FormData(form, button));
  fields.set('fragment', 'yes');
  if (form.ariaBusy === 'true') return;
  form.ariaBusy = 'true';
  try {
    const answer = await fetch(form.action, { method: 'POST', body: fields });
    const said = await answer.json().catch(() => ({}));
    if (said.code === 'corrections-lost') {
      form.dataset.plain = 'yes';
      form.requestSubmit(button); // the page asks whether it is meant
      return;
    }
    for (const menu of document.querySelectorAll('.card-menu[open]')) menu.open = false;
    showRefusal(answer.ok ? '' : (said.message ?? 'That could not be done right now. Try again.'));
    if (!answer.ok) return;
    if (!button?.value.includes(':') && form === pile()) chosen.clear();
    for (const input of form.querySelectorAll('input[type="number"]')) input.value = '';
    await refresh();
    announce(said.said);
    focusOn(said.focus, button);
  } catch {
    showRefusal('The server does not answer. Nothing was changed; try again.');
  } finally {
    form.ariaBusy = 'false';
  }
});

function showRefusal(text) {
  const place = document.getElementById('messages');
  const note = document.createElement('p');
  note.className = 'banner banner-failed';
  note.setAttribute('role', 'alert');
  note.textContent = text;
  place.replaceChildren(...(text ? [note] : []));
}

/** Where the work goes on: at Undo, at the page that is back, or at the menu of the page that was changed. */
function focusOn(id, button) {
  const [, pageId] = button?.value?.split(':') ?? [];
  const place =
    (id && document.getElementById(id)) ||
    (pageId && document.getElementById(`more-${pageId}`)) ||
    document.getElementById('choose-all');
  place?.focus({ preventScroll: !place.id.startsWith('undo-') });
}

// --- moving

async function moveTo(card, number) {
  const url = `/api/v1/projects/${pile().dataset.project}/pages/${idOf(card)}`;
  const headers = { 'Content-Type': 'application/json', 'X-CSRF-Token': csrfToken() };
  const answer = await fetch(url, { method: 'PATCH', headers, body: JSON.stringify({ number }) }).catch(
    () => undefined,
  );
  if (!answer?.ok) {
    const problem = await answer?.json().catch(() => undefined);
    showRefusal(problem?.detail ?? 'The page could not be moved: the server does not answer. Try again.');
  } else showRefusal('');
  await refresh();
  return answer?.ok;
}

const numberOf = (card) => cards().indexOf(card) + 1;

function putAt(card, index) {
  const others = cards().filter((other) => other !== card);
  const place = Math.max(0, Math.min(index, others.length));
  grid().insertBefore(card, others[place] ?? null);
}

function grab(card) {
  grabbed = { card, from: numberOf(card) };
  card.classList.add('is-grabbed');
  card.querySelector('.handle').setAttribute('aria-pressed', 'true');
  announce(
    `Page ${grabbed.from} of ${cards().length} is in your hand. Arrow keys move it, Enter puts it down, Escape leaves it where it was.`,
  );
}

async function letGo(isKept) {
  const { card, from } = grabbed;
  grabbed = undefined;
  card.classList.remove('is-grabbed');
  const handle = card.querySelector('.handle');
  handle.setAttribute('aria-pressed', 'false');
  if (!isKept) putAt(card, from - 1);
  handle.focus();
  const to = numberOf(card);
  if (!isKept || to === from) return announce(`Page ${from} stays where it was.`);
  if (await moveTo(card, to)) announce(`Page ${from} is page ${to} now.`);
  document.getElementById(handle.id)?.focus();
}

function columns() {
  const [first] = cards();
  return cards().filter((card) => card.offsetTop === first.offsetTop).length;
}

document.addEventListener('keydown', (event) => {
  const card = event.target.closest?.('.handle')?.closest('.page-card');
  if (!card) return;
  const isPress = event.key === 'Enter' || event.key === ' ';
  if (isPress) {
    event.preventDefault();
    if (grabbed) letGo(true);
    else grab(card);
    return;
  }
  if (!grabbed) return;
  if (event.key === 'Escape' || event.key === 'Tab') {
    if (event.key === 'Escape') event.preventDefault();
    letGo(false);
    return;
  }
  const at = numberOf(card) - 1;
  const last = cards().length - 1;
  const places = {
    ArrowLeft: at - 1,
    ArrowRight: at + 1,
    ArrowUp: at - columns(),
    ArrowDown: at + columns(),
    Home: 0,
    End: last,
  };
  if (!(event.key in places)) return;
  event.preventDefault();
  putAt(card, Math.max(0, Math.min(places[event.key], last)));
  event.target.focus();
  card.scrollIntoView({ block: 'nearest' });
  announce(`Position ${numberOf(card)} of ${cards().length}.`);
});

document.addEventListener('click', (event) => {
  const handle = event.target.closest?.('.handle');
  if (handle && event.detail > 0) announce('Drag the page, or press Enter and use the arrow keys.');
});

document.addEventListener('focusout', (event) => {
  // a move takes the handle out of the page for a moment; who really went elsewhere puts the page back
  if (grabbed && event.relatedTarget && event.relatedTarget !== grabbed.card.querySelector('.handle'))
    letGo(false);
});

// --- dragging: what does it is loaded when a pointer first comes near

let sortable;
async function prepareDragging() {
  if (!grid() || cards().length < 2) return;
  await import(pile().dataset.sortable);
  if (!grid() || window.Sortable.get(grid())) return;
  sortable = window.Sortable.create(grid(), {
    animation: matchMedia('(prefers-reduced-motion: reduce)').matches ? 0 : 150,
    draggable: '.page-card',
    filter: '.pick, .card-menu',
    preventOnFilter: false,
    forceFallback: true,
    fallbackTolerance: 6,
    delay: 250,
    delayOnTouchOnly: true,
    touchStartThreshold: 6,
    ghostClass: 'is-ghost',
    chosenClass: 'is-held',
    onStart: () => {
      isDragging = true;
    },
    onEnd: async ({ item, oldIndex, newIndex }) => {
      stopClick();
      isDragging = false;
      if (oldIndex === newIndex) return;
      if (await moveTo(item, numberOf(item))) announce(`Page ${oldIndex + 1} is page ${newIndex + 1} now.`);
    },
  });
}

/** The click that ends a drag opens nothing. */
function stopClick() {
  const stop = (event) => {
    event.preventDefault();
    event.stopPropagation();
  };
  document.addEventListener('click', stop, { capture: true, once: true });
  setTimeout(() => document.removeEventListener('click', stop, { capture: true }), 50);
}

for (const near of ['pointerover', 'touchstart']) {
  document.addEventListener(
    near,
    (event) => {
      if (!event.target.closest?.('#grid') || (sortable && sortable.el === grid())) return;
      prepareDragging();
    },
    { passive: true },
  );
}

// --- replacing

let replacing;
document.addEventListener('click', (event) => {
  const link = event.target.closest?.('[data-replace]');
  if (!link || event.ctrlKey || event.metaKey) return;
  event.preventDefault();
  [, replacing] = /pages\/(\w+)\/replace/.exec(link.pathname);
  document.getElementById('replace-file').click();
});

document.addEventListener('change', async (event) => {
  if (event.target.id !== 'replace-file') return;
  const [file] = event.target.files;
  event.target.value = '';
  if (!file || !replacing) return;
  for (const menu of document.querySelectorAll('.card-menu[open]')) menu.open = false;
  const number = numberOf(document.getElementById(`page-${replacing}`));
  announce(`Page ${number} is being replaced.`);
  const refusal = await replace(replacing, file).catch(
    () => 'The page could not be replaced: the server does not answer. Try again.',
  );
  showRefusal(refusal);
  await refresh();
  if (!refusal) announce(`Page ${number} is replaced, and read anew.`);
  document.getElementById(`more-${replacing}`)?.focus({ preventScroll: true });
});

/** Sends the file through the server or, where large files go there directly, to S3. Returns why it was refused. */
async function replace(pageId, file) {
  const upload = document.getElementById('upload').dataset;
  const headers = { 'X-CSRF-Token': csrfToken() };
  const refusalOf = async (answer) =>
    answer.ok
      ? ''
      : ((await answer.json().catch(() => ({}))).detail ?? 'The page could not be replaced. Try again.');
  if (!upload.directAbove || file.size <= Number(upload.directAbove)) {
    const body = new FormData();
    body.append('files', file);
    return refusalOf(await fetch(`${upload.pages}/${pageId}/image`, { method: 'PUT', headers, body }));
  }
  const announced = {
    fileName: file.name,
    contentType: file.type || 'application/octet-stream',
    size: file.size,
    pageId,
  };
  const json = { ...headers, 'Content-Type': 'application/json' };
  const begun = await fetch(upload.uploads, {
    method: 'POST',
    headers: json,
    body: JSON.stringify(announced),
  });
  if (!begun.ok) return refusalOf(begun);
  const { id, method, url, headers: signed } = await begun.json();
  const sent = await fetch(url, { method, headers: signed, body: file });
  if (!sent.ok) return 'The file did not arrive. Try again.';
  return refusalOf(
    await fetch(`${upload.uploads}/${id}/complete`, { method: 'POST', headers: json, body: '{}' }),
  );
}

// --- the name

const renaming = () => document.querySelector('.rename-menu[open]');

document.addEventListener(
  'toggle',
  ({ target }) => {
    if (target.id === 'rename-menu' && target.open) target.querySelector('#rename').select();
  },
  { capture: true },
);

document.addEventListener('pointerdown', (event) => {
  if (renaming() && !renaming().contains(event.target)) renaming().open = false;
});

document.addEventListener('keydown', (event) => {
  if (event.key !== 'Escape' || !renaming()?.contains(event.target)) return;
  renaming().querySelector('form').reset();
  renaming().open = false;
  document.getElementById('rename-open').focus();
});

// --- what was deleted by a page that led here
const news = document.querySelector('[data-news]');
if (news) setTimeout(() => announce(news.dataset.news), 500);
