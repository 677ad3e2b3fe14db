// The card that signs a phone in: counts down while its link is good, then says what the phone has added.
const lookEveryMs = 2000;
// a phone may stay signed in for an hour
const lookForMs = 65 * 60_000;
let looking;
let shownAt = 0;

const card = () => document.getElementById('phone-link');
const byId = (id) => document.getElementById(id);

document.addEventListener('htmx:after:swap', () => {
  if (!card() || card().dataset.isShown) return;
  card().dataset.isShown = 'yes';
  shownAt = Date.now();
  card().focus();
  clearInterval(looking);
  looking = setInterval(look, lookEveryMs);
  showLeft();
});

document.addEventListener('click', ({ target }) => {
  if (target.id === 'phone-link-new') byId('use-phone').form.requestSubmit();
  if (target.id !== 'phone-link-close') return;
  card()?.remove();
  const opener = ['use-phone', 'use-other-phone'].map(byId).findLast((button) => button?.checkVisibility());
  opener?.focus();
});

async function look() {
  if (!card() || Date.now() - shownAt > lookForMs) return clearInterval(looking);
  if (card().dataset.state === 'waiting') showLeft();
  if (document.hidden) return;
  await followPhone();
  const isFollowedAnyway = document.querySelector('#live[hx-trigger]');
  if (!card() || isFollowedAnyway) return;
  window.htmx.ajax('GET', card().dataset.statusUrl, { target: '#live', swap: 'outerMorph' });
}

async function followPhone() {
  const { linkUrl } = card().dataset;
  const answer = await fetch(linkUrl, { headers: { accept: 'application/json' } }).catch(() => undefined);
  if (!answer?.ok || card()?.dataset.linkUrl !== linkUrl) return;
  const { state, message } = await answer.json();
  if (card()?.dataset.linkUrl !== linkUrl) return; // another link meanwhile
  if (state === 'expired' || state === 'ended') clearInterval(looking);
  const hadFocus = card().contains(document.activeElement);
  card().dataset.state = state;
  byId('phone-link-new').hidden = state !== 'expired' && state !== 'ended';
  if (byId('phone-link-news').textContent !== message) byId('phone-link-news').textContent = message;
  // what had the focus may be hidden now
  if (hadFocus && !document.activeElement.checkVisibility()) card().focus({ preventScroll: true });
}

/** By the server's clock. */
function showLeft() {
  const { endsAt, now } = card().dataset;
  const goodForMs = Date.parse(endsAt) - Date.parse(now);
  const seconds = Math.max(0, Math.round((shownAt + goodForMs - Date.now()) / 1000));
  byId('phone-link-left').textContent =
    `Link expires in ${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}.`;
}
