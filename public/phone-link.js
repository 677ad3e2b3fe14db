// While the code for a phone is shown: says how long it is good, and looks for the pages that the phone sends.
const lookEveryMs = 2000;
// the phone stays signed in for longer than its link is good
const lookForMs = 65 * 60_000;
let looking;
let shownAt = 0;

const card = () => document.getElementById('phone-link');

document.addEventListener('htmx:after:swap', () => {
  if (!card() || card().dataset.isShown) return;
  card().dataset.isShown = 'yes';
  shownAt = Date.now();
  card().focus();
  clearInterval(looking);
  looking = setInterval(look, lookEveryMs);
  showLeft();
});

document.addEventListener('click', (event) => {
  if (event.target.id !== 'phone-link-close') return;
  card()?.remove();
  document.getElementById('use-phone')?.focus();
});

function look() {
  if (!card() || Date.now() - shownAt > lookForMs) return clearInterval(looking);
  showLeft();
  const isFollowedAnyway = document.querySelector('#live[hx-trigger]');
  if (document.hidden || isFollowedAnyway) return;
  window.htmx.ajax('GET', card().dataset.statusUrl, { target: '#live', swap: 'outerMorph' });
}

function showLeft() {
  const seconds = Math.round((Date.parse(card().dataset.endsAt) - Date.now()) / 1000);
  const left = document.getElementById('phone-link-left');
  if (seconds <= 0) left.textContent = 'and its time is over now: press “Use your phone” for a new one';
  else
    left.textContent =
      seconds > 90 ? `for ${Math.ceil(seconds / 60)} more minutes` : `for ${seconds} more seconds`;
}
