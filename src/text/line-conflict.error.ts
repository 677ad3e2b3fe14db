import { PaperliftError } from '../errors.ts';

/** A line that has changed since the person saw it. */
export interface LineConflict {
  id: string;
  /** The line's text now. */
  text: string;
  /** The text that the person wanted to save. */
  wanted?: string;
}

/** Lines that a change is about were changed by someone else. Nothing was saved. */
export class LineConflictError extends PaperliftError {
  override name = 'LineConflictError';
  readonly conflicts: LineConflict[];

  constructor(conflicts: LineConflict[]) {
    super('conflict', {
      code: 'line-changed',
      message: 'Someone else changed this line.',
      hint: 'Compare both versions, then keep theirs or save yours.',
    });
    this.conflicts = conflicts;
  }

  override get details() {
    return { conflicts: this.conflicts };
  }
}
