// What people made of a page's text, as it is stored beside the detection.
import type { Polygon } from './detected-text.ts';

/** By line id, but for the steps. */
export interface PageText {
  /** What corrected lines read. */
  corrections?: Record<string, string>;
  /** Where the words of corrected lines come from (`alignments.ts`). */
  alignments?: Record<string, string>;
  /** Doubtful words that a person found right: their places in the detected line, from 0. */
  accepted?: Record<string, number[]>;
  added?: Record<string, AddedLine>;
  /** People's last steps, newest last, so that they can be undone. */
  steps?: ReviewStep[];
  /** ISO 8601; set once a person has said that the page is reviewed. */
  reviewedAt?: string;
}

/** People's changes to a page's lines. */
export type Review = Required<Pick<PageText, 'corrections' | 'accepted' | 'added' | 'steps'>>;

/** A line that a person added by hand. */
export interface AddedLine {
  text: string;
  /** In the frame of the prepared image, like the detection. */
  polygon: Polygon;
  /** Between the places of its neighbours; detected lines have whole numbers from 1 on. */
  place: number;
}

/** What people made of one line; nothing in it when it is as detected, or was added by hand and is not there. */
export interface LineState {
  added?: AddedLine;
  text?: string;
  accepted?: number[];
}

/** One thing that a person did: to some lines, by line id, by turning the page, or by accepting many words. */
export interface ReviewStep {
  personId: string;
  /** Degrees clockwise. */
  rotation?: { before: number; after: number };
  /** The tilt that was taken out, in degrees; 0 for none. */
  straightened?: { before: number; after: number };
  lines: Record<string, { before: LineState; after: LineState }>;
  /** The places of the words that were unsure before, by line id. */
  accepted?: Record<string, number[]>;
}
