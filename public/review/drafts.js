// Keeps what is being written until it is saved or given up: a session that ends meanwhile, or a page that is closed, costs
// nothing. In this tab only, for the same person, page and image; it is shown again, and never sent by itself.
/** @import { Draft } from '../types.d.ts' */
import { byId, findById } from '../site/elements.js';

/** @param {'draft' | 'review-place'} part */
function keyOf(part) {
  const { person, revision } = byId('review').dataset;
  return `${part} ${person} ${location.pathname} ${revision}`;
}

/** @returns {Record<string, Draft>} */
function read() {
  try {
    return JSON.parse(sessionStorage.getItem(keyOf('draft')) ?? '{}');
  } catch {
    return {};
  }
}

/** @param {Record<string, Draft>} drafts */
function write(drafts) {
  if (Object.keys(drafts).length === 0) sessionStorage.removeItem(keyOf('draft'));
  else sessionStorage.setItem(keyOf('draft'), JSON.stringify(drafts));
}

/** By line id, the one that was written last at the end. */
export const drafts = () => (findById('review')?.dataset.person ? Object.entries(read()) : []);

/**
 * @param {string} lineId
 * @param {Draft} draft
 */
export function keepDraft(lineId, draft) {
  const { [lineId]: _, ...others } = read();
  write({ ...others, [lineId]: draft });
}

/** @param {string} lineId */
export function dropDraft(lineId) {
  const { [lineId]: _, ...others } = read();
  write(others);
}

/**
 * Where somebody was, for when the page is loaded again: the id of a line, and which of its words.
 * @typedef {{ line: string, word: number }} Place
 */

/** @param {Place} place */
export function keepPlace(place) {
  sessionStorage.setItem(keyOf('review-place'), JSON.stringify(place));
}

/** @returns {Place | undefined} */
export function takePlace() {
  if (!findById('review')?.dataset.person) return undefined;
  const kept = sessionStorage.getItem(keyOf('review-place'));
  sessionStorage.removeItem(keyOf('review-place'));
  return kept ? JSON.parse(kept) : undefined;
}
