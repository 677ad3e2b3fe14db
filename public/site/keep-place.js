// On every page. A form that leads back to its own page leaves people who use the keyboard where they were, or beside that
// when it is gone, or at the heading, and not at the top again. Who points with a mouse, or has no script, is left alone.
import { find, findAll, findById } from './elements.js';

const stops = 'a[href], button, input:not([type="hidden"]), select, textarea, summary';
const maxNeighbours = 20;
/**
 * @param {Element} place
 * @param {Element} stop
 */
const follows = (place, stop) => place.compareDocumentPosition(stop) & Node.DOCUMENT_POSITION_FOLLOWING;
/** @param {(Element | undefined)[]} elements */
const idsOf = (elements) => elements.flatMap((element) => element?.id || []);
/** @type {HTMLFormElement | undefined} */
let form;
/** @type {ReturnType<typeof describe> | undefined} */
let left;

document.addEventListener(
  'submit',
  ({ target }) => {
    if (!(target instanceof HTMLFormElement) || target.method !== 'post') return;
    form = target;
    const place = document.activeElement;
    left = place?.matches('main :focus-visible') ? describe(place) : undefined;
  },
  { capture: true },
);

/**
 * A place by its id, and by those of what is next to it.
 * @param {Element} place
 */
function describe(place) {
  const named = findAll('main [id]', Element).filter((stop) => stop.matches(stops));
  const after = named.filter((stop) => follows(place, stop));
  const before = named.filter((stop) => follows(stop, place));
  const menu = place.closest('details')?.querySelector('summary') ?? undefined;
  const ids = [
    ...idsOf([place, menu]),
    ...idsOf(after.slice(0, maxNeighbours)),
    ...idsOf(before.reverse().slice(0, maxNeighbours)),
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
  /** @type {Partial<ReturnType<typeof describe>>} */
  const { path, id, ids = [] } = JSON.parse(sessionStorage.getItem('place') ?? '{}');
  sessionStorage.removeItem('place');
  if (path !== location.pathname || document.activeElement !== document.body) return;
  /** @param {HTMLElement | undefined} element */
  const isThere = (element) => element?.checkVisibility() && !element.matches(':disabled');
  const asked = location.hash ? findById(location.hash.slice(1), Element) : undefined;
  const places = [
    findById(id),
    ...(asked ? findAll(stops, HTMLElement, asked) : []),
    ...ids.map((each) => findById(each)),
  ];
  const place = places.find(isThere) ?? find('main h1');
  if (place?.matches('h1')) place.tabIndex = -1;
  place?.focus();
}

// a browser that scrolls to a part of the page takes the focus from everything else
if (location.hash) addEventListener('load', goBack);
else goBack();
