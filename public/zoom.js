// Sizes the image on the desk: as wide as the desk, whole, or freely; the choice lasts while the tab is open.
const steps = [0.25, 0.33, 0.5, 0.67, 0.8, 1, 1.2, 1.5, 2, 3, 4];
const watcher = new ResizeObserver(showLevel);
const image = () => document.querySelector('#scan img');
let choice = sessionStorage.getItem('zoom') ?? 'width';

const levelNow = () => image().clientWidth / Number(image().getAttribute('width'));

function apply() {
  const desk = document.getElementById('desk');
  if (!desk) return;
  const level = Number(choice);
  desk.dataset.fit = level ? 'free' : choice;
  document.getElementById('scan').style.width = level
    ? `${Number(image().getAttribute('width')) * level}px`
    : '';
  for (const button of document.querySelectorAll('[data-zoom][aria-pressed]')) {
    button.setAttribute('aria-pressed', String(button.dataset.zoom === choice));
  }
  watcher.disconnect();
  watcher.observe(image());
}

function showLevel() {
  const output = document.getElementById('zoom-level');
  if (output && image()) output.textContent = `${Math.round(levelNow() * 100)} %`;
}

document.addEventListener('click', (event) => {
  const wish = event.target.dataset?.zoom;
  if (!wish) return;
  if (wish === 'in') choice = String(steps.find((step) => step > levelNow() + 0.01) ?? steps.at(-1));
  else if (wish === 'out') choice = String(steps.findLast((step) => step < levelNow() - 0.01) ?? steps[0]);
  else choice = wish;
  sessionStorage.setItem('zoom', choice);
  apply();
});

document.addEventListener('htmx:after:swap', apply);
apply();
