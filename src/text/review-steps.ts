// People's last changes to a page, so that they can be undone.
import type { ReviewStep } from './page-text.ts';

/** Of the 80 KB that people's changes may take. */
const stepsLimitBytes = 16_000;
const maxSteps = 50;

/** This person's last step on the page, the only one that they can undo. */
export function lastStepOf(steps: ReviewStep[], personId: string): ReviewStep | undefined {
  return steps.findLast((step) => step.personId === personId);
}

/** Adds a change of how the page is shown as a step. */
export function withTurn(
  steps: ReviewStep[],
  personId: string,
  change: Pick<ReviewStep, 'rotation' | 'straightened'>,
) {
  return newestSteps([...steps, { personId, ...change, lines: {} }]);
}

/**
 * Keeps the newest steps, within the limits of number and size. The last one, such as accepting all words of a long page,
 * may also take what the corrections leave of theirs, so that it can be undone.
 */
export function newestSteps(steps: ReviewStep[], spareBytes = 0): ReviewStep[] {
  const kept = steps.slice(-maxSteps);
  const last = kept.slice(-1);
  if (sizeOf(last) > stepsLimitBytes && sizeOf(last) <= stepsLimitBytes + spareBytes) return last;
  let bytes = 1;
  const tooOld = kept.findLastIndex((step) => {
    bytes += sizeOf(step) + 1;
    return bytes > stepsLimitBytes;
  });
  return kept.slice(tooOld + 1);
}

export function sizeOf(value: unknown): number {
  return Buffer.byteLength(JSON.stringify(value));
}
