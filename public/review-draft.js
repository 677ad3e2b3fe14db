// Keeps what is being written until it is saved or given up: a session that ends meanwhile, or a page that is closed, costs
// nothing. In this tab only, for the same person, page and image; it is shown again, and never sent by itself.
const review = () => document.getElementById('review');

function keyOf(part) {
  const { person, revision } = review().dataset;
  return `${part} ${person} ${location.pathname} ${revision}`;
}

function read() {
  try {
    return JSON.parse(sessionStorage.getItem(keyOf('draft')) ?? '{}');
  } catch {
    return {};
  }
}

function write(drafts) {
  if (Object.keys(drafts).length === 0) sessionStorage.removeItem(keyOf('draft'));
  else sessionStorage.setItem(keyOf('draft'), JSON.stringify(drafts));
}

/** By line id, the one that was written last at the end. */
export const drafts = () => (review()?.dataset.person ? Object.entries(read()) : []);

export function keepDraft(lineId, draft) {
  const { [lineId]: _, ...others } = read();
  write({ ...others, [lineId]: draft });
}

export function dropDraft(lineId) {
  const { [lineId]: _, ...others } = read();
  write(others);
}

/** Where somebody was, for when the page is loaded again. */
export function keepPlace(place) {
  sessionStorage.setItem(keyOf('review-place'), JSON.stringify(place));
}

export function takePlace() {
  if (!review()?.dataset.person) return undefined;
  const kept = sessionStorage.getItem(keyOf('review-place'));
  sessionStorage.removeItem(keyOf('review-place'));
  return kept ? JSON.parse(kept) : undefined;
}
