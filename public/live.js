// While htmx follows what happens to a project: says news to screen readers, rests while nobody looks, owns up to trouble.
const pauseBetweenNews = 8000;
let lastSaid = document.getElementById('live')?.dataset.announcement;
let lastSaidAt = 0;

function tellNews() {
  const live = document.getElementById('live');
  const news = live?.dataset.announcement;
  const isOver = !live?.hasAttribute('hx-get');
  if (!news || news === lastSaid || (!isOver && Date.now() - lastSaidAt < pauseBetweenNews)) return;
  lastSaid = news;
  lastSaidAt = Date.now();
  const announcer = document.getElementById('announcer');
  if (announcer) announcer.textContent = news;
}

function showTrouble(isTrouble) {
  const note = document.getElementById('live-trouble');
  if (note) note.hidden = !isTrouble;
}

document.addEventListener('htmx:before:request', (event) => {
  if (document.hidden) event.preventDefault();
});

document.addEventListener('htmx:after:swap', () => {
  showTrouble(false);
  tellNews();
});

for (const trouble of ['htmx:error', 'htmx:response:error']) {
  document.addEventListener(trouble, () => showTrouble(true));
}
