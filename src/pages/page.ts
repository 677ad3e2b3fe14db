// One side of paper in a project: its states, and what each of them allows.
import type { AddedLine, ReviewStep } from '../text/page-text.ts';

export const pageStatuses = ['uploaded', 'preparing', 'detecting', 'ready', 'failed'] as const;
export type PageStatus = (typeof pageStatuses)[number];

/** Why a page failed: a stable code for machines, a sentence or two for people (what, why, what to do). */
export interface PageFailure {
  code: string;
  message: string;
}

export interface Page {
  id: string;
  projectId: string;
  /** Orders the project's pages; the page's number is its place in that order. */
  position: number;
  status: PageStatus;
  /** Raised by each replacement of the image: results for an older revision are dropped. */
  revision: number;
  /** Who uploaded the image, in whose turn it is processed. Pages from before this was noted have none. */
  personId?: string | undefined;
  /** The name that the file had, for display only. */
  fileName: string;
  originalKey: string;
  contentType: string;
  sizeBytes: number;
  sha256: string;
  /** Clockwise turn in degrees that a person gave on top of the image's own orientation: 0, 90, 180 or 270. */
  rotation: number;
  /** Given when the page came in a file of many: which page of it, and whether that had text of its own. */
  source?: { importId: string; page: number; hadText: boolean };
  failure?: PageFailure;
  /**
   * Set once the revision is prepared: the rotation that the prepared image has, in whose frame the detection and the
   * lines added by hand are stored. The page is shown turned by the difference (`turning.ts`).
   */
  preparedRotation?: number;
  /** Set once the revision is prepared: size in pixels of the upright image as it is shown. */
  width?: number;
  height?: number;
  /** Where the prepared image and its thumbnail lie, at `preparedRotation`. */
  imageKey?: string;
  thumbnailKey?: string;
  /** Set once the revision is ready. */
  detectionKey?: string;
  /** Names the item that holds the text and what people made of it (`page-text.store.ts`). */
  textId?: string;
  text?: string;
  wordCount?: number;
  doubtfulCount?: number;
  /** Lines that a person corrected, by line id. The detection stays as it was. */
  corrections?: Record<string, string>;
  /** How the words of corrected lines lie over the detected ones, by line id; absent until they were aligned. */
  alignments?: Record<string, string>;
  /** Doubtful words that a person found right, by line id: their places in the detected line, from 0. */
  accepted?: Record<string, number[]>;
  /** Lines that people added by hand, by line id. */
  added?: Record<string, AddedLine>;
  /** What people did to the lines last, the newest at the end, so that it can be undone. */
  steps?: ReviewStep[];
  /** Raised by each change of the lines, so that two at once do not overwrite each other. */
  edits?: number;
  /** Set once a person has said that the page is reviewed: when (ISO 8601), and that person's name. */
  reviewedAt?: string;
  reviewedBy?: string;
  createdAt: string;
  updatedAt: string;
}

/** A page that was deleted, and can be put back until it is erased. */
export interface DeletedPage extends PageSummary {
  deletedAt: string;
  /** The same for all pages that were deleted together. */
  deletionId: string;
  /** The number that the page had. */
  deletedNumber: number;
  /** Who deleted it, by name. */
  deletedBy: string;
}

/** What lies in an item of its own: only who asks for a page with its text has it. */
export type StoredText = Pick<Page, 'text' | 'corrections' | 'alignments' | 'accepted' | 'added' | 'steps'>;

/** What a list of pages needs: everything but the text, of which only the beginning is there. */
export type PageSummary = Omit<Page, keyof StoredText> & { preview?: string };

export function isFinal(page: { status: PageStatus }): boolean {
  return page.status === 'ready' || page.status === 'failed';
}
