// Shows the review of a page: as a page, or as the lines that a change touched, for scripts.
import type { Response } from 'express';
import { presentCheck } from './check.presenter.ts';
import { presentLines, presentReview, type ReviewInput } from './review.presenter.ts';

export async function renderReview(response: Response, input: ReviewInput, view = 'pages/review') {
  response.render(view, presentReview(input, await presentLines(input)));
}

/** The lines that a change touched, in their new state. */
export async function sendFragment(response: Response, input: ReviewInput, ids: string[]) {
  const wanted = new Set(ids);
  const changed = (await presentLines(input)).filter(({ id }) => wanted.has(id));
  const { url, query, revision, rotation, straightened, canUndo, reviewed } = presentReview({
    ...input,
    lines: [],
    conflicts: [],
  });
  const check = { ...presentCheck(input), words: '' }; // scripts find the words themselves
  response.render('pages/review-update', {
    changed,
    check,
    url,
    query,
    revision,
    rotation,
    straightened,
    lineCount: input.lines?.length ?? 0,
    mayChange: input.mayChange,
    state: 'ready',
    canUndo,
    reviewed,
  });
}
