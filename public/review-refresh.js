// Shows the page's lines and image as they are now, without loading the page: when lines were added or removed, every later
// one has another number. What is being written is waited for.
import { announce } from './announce.js';

const isWriting = () => document.querySelector('#lines .edit');

function writingOver() {
  return new Promise((resolve) => {
    if (!isWriting()) return resolve();
    const watcher = new MutationObserver(() => {
      if (isWriting()) return;
      watcher.disconnect();
      resolve();
    });
    watcher.observe(document.getElementById('lines'), { childList: true, subtree: true });
  });
}

/** Replaces the scan with that of an answer, once its image is there. */
export async function showScan(page) {
  const [old, scan] = [document, page].map((each) => each.getElementById('scan'));
  if (!old || !scan) return;
  const image = new Image();
  image.src = scan.querySelector('img').src;
  await image.decode().catch(() => {}); // the page then shows what went wrong
  const from = Number(old.dataset.rotation);
  document.getElementById('scan').replaceWith(scan);
  const undo = document.querySelector('[data-act="undo"]');
  if (undo) undo.disabled = scan.dataset.canUndo !== 'true';
  const turned = (Number(scan.dataset.rotation) - from + 360) % 360;
  document.dispatchEvent(new CustomEvent('review:scan', { detail: { turned } }));
}

export async function refresh() {
  await writingOver();
  const answer = await fetch(location.pathname + location.search).catch(() => undefined);
  if (!answer?.ok || answer.redirected) return announce('The page couldn’t be refreshed. Reload it.');
  const page = new DOMParser().parseFromString(await answer.text(), 'text/html');
  const lines = page.getElementById('lines');
  const old = document.getElementById('lines');
  if (!lines || !old) return location.reload(); // the page had no text, or has none any more
  const lineId = document.activeElement?.closest('.line')?.dataset.id;
  await showScan(page);
  old.replaceWith(lines);
  document.getElementById('to-check').replaceWith(page.getElementById('to-check'));
  document.dispatchEvent(new CustomEvent('review:all', { detail: { lineId } }));
}
