import type { Page } from '../pages/page.ts';

/** The result for one page: drawn and stored, or failed. */
export type PageOutcome = Pick<
  Page,
  | 'status'
  | 'originalKey'
  | 'contentType'
  | 'sizeBytes'
  | 'sha256'
  | 'textSource'
  | 'hasOwnText'
  | 'ownTextKey'
  | 'failure'
> & {
  hadText: boolean;
  /** Whether the drawing process crashed on it. */
  isBroken?: boolean;
};
