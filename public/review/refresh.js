// Shows the page's lines and image as they are now, without loading the page: when lines were added or removed, every later
// one has another number. What is being written is waited for.
import { announce } from '../site/announce.js';
import { byId, closest, find, findById, get } from '../site/elements.js';
import { leaveIfGone } from '../site/lost-access.js';

const isWriting = () => find('#lines .edit');

/** @returns {Promise<void>} */
function writingOver() {
  return new Promise((resolve) => {
    if (!isWriting()) return resolve();
    const watcher = new MutationObserver(() => {
      if (isWriting()) return;
      watcher.disconnect();
      resolve();
    });
    watcher.observe(byId('lines'), { childList: true, subtree: true });
  });
}

/**
 * Replaces the scan with that of an answer, once its image is there.
 * @param {Document} page
 */
export async function showScan(page) {
  const [old, scan] = [findById('scan'), findById('scan', HTMLElement, page)];
  if (!old || !scan) return;
  const image = new Image();
  image.src = get('img', HTMLImageElement, scan).src;
  await image.decode().catch(() => {}); // the page then shows what went wrong
  const from = Number(old.dataset.rotation);
  byId('scan').replaceWith(scan);
  const undo = find('[data-act="undo"]', HTMLButtonElement);
  if (undo) undo.disabled = scan.dataset.canUndo !== 'true';
  const turned = (Number(scan.dataset.rotation) - from + 360) % 360;
  document.dispatchEvent(new CustomEvent('review:scan', { detail: { turned } }));
}

export async function refresh() {
  await writingOver();
  const answer = await fetch(location.pathname + location.search).catch(() => undefined);
  if (answer && leaveIfGone(answer.status, answer.ok ? '' : await answer.text())) return;
  if (!answer?.ok || answer.redirected) return announce('The page couldn’t be refreshed. Reload it.');
  const page = new DOMParser().parseFromString(await answer.text(), 'text/html');
  const [old, lines] = [findById('lines'), findById('lines', HTMLElement, page)];
  if (!lines || !old) return location.reload(); // the page had no text, or has none any more
  const lineId = closest(document.activeElement, '.line')?.dataset.id;
  await showScan(page);
  old.replaceWith(lines);
  byId('to-check').replaceWith(byId('to-check', HTMLElement, page));
  document.dispatchEvent(new CustomEvent('review:all', { detail: { lineId } }));
}
