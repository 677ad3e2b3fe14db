// On every page. A form that leads back to its own page leaves people who use the keyboard where they were, or beside that
// when it is gone, or at the heading, and not at the top again. Who points with a mouse, or has no script, is left alone.
const stops = 'a[href], button, input:not([type="hidden"]), select, textarea, summary';
const most = 20;
const follows = (place, stop) => place.compareDocumentPosition(stop) & Node.DOCUMENT_POSITION_FOLLOWING;
const idsOf = (elements) => elements.flatMap((element) => element?.id || []);
let form;
let left;

document.addEventListener(
  'submit',
  ({ target }) => {
    if (target.method !== 'post') return;
    form = target;
    left = document.activeElement.matches('main :focus-visible')
      ? describe(document.activeElement)
      : undefined;
  },
  { capture: true },
);

/** A place by its id, and by those of what is next to it. */
function describe(place) {
  const named = [...document.querySelectorAll('main [id]')].filter((stop) => stop.matches(stops));
  const after = named.filter((stop) => follows(place, stop));
  const before = named.filter((stop) => follows(stop, place));
  const menu = place.closest('details')?.querySelector('summary');
  const ids = [
    ...idsOf([place, menu]),
    ...idsOf(after.slice(0, most)),
    ...idsOf(before.reverse().slice(0, most)),
  ];
  return { path: location.pathname, id: place.id, ids };
}

// before anything empties the page; what was pressed may be gone by then
addEventListener('pagehide', () => {
  sessionStorage.removeItem('place');
  const isStillThere = document.activeElement === document.body || form?.contains(document.activeElement);
  if (left && isStillThere) sessionStorage.setItem('place', JSON.stringify(left));
});

function goBack() {
  const { path, id, ids = [] } = JSON.parse(sessionStorage.getItem('place') ?? '{}');
  sessionStorage.removeItem('place');
  if (path !== location.pathname || document.activeElement !== document.body) return;
  const isThere = (element) => element?.checkVisibility() && !element.disabled;
  const asked = location.hash ? document.getElementById(location.hash.slice(1)) : undefined;
  const places = [
    document.getElementById(id),
    ...(asked?.querySelectorAll(stops) ?? []),
    ...ids.map((each) => document.getElementById(each)),
  ];
  const place = places.find(isThere) ?? document.querySelector('main h1');
  if (place?.matches('h1')) place.tabIndex = -1;
  place?.focus();
}

// a browser that scrolls to a part of the page takes the focus from everything else
if (location.hash) addEventListener('load', goBack);
else goBack();
