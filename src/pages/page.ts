// One side of paper in a project: its states, and what each allows.
import type { Assignment } from '../projects/project.ts';
import type { Language } from '../text/languages.ts';
import type { AddedLine, ReviewStep } from '../text/page-text.ts';

export const pageStatuses = ['uploaded', 'preparing', 'detecting', 'ready', 'failed'] as const;
export type PageStatus = (typeof pageStatuses)[number];

/** Where a page's text comes from: read from its image, or taken from the PDF that it was in. */
export const textSources = ['ocr', 'pdf-text'] as const;
export type TextSource = (typeof textSources)[number];

/** Why a page failed: a stable code for machines, a sentence or two for people (what, why, what to do). */
export interface PageFailure {
  code: string;
  message: string;
}

/** What image moderation found: a category or a part of one, with its confidence in percent. */
export interface ModerationLabelFound {
  name: string;
  confidence: number;
}

export interface Page {
  id: string;
  projectId: string;
  /** Orders the project's pages; a page's number is its rank. */
  position: number;
  status: PageStatus;
  /** Incremented when the image is replaced. Results for an older revision are dropped. */
  revision: number;
  /** The person who uploaded the image, whose turn its processing takes. Missing on older items. */
  personId?: string | undefined;
  /** The original file name, for display only. */
  fileName: string;
  originalKey: string;
  contentType: string;
  sizeBytes: number;
  sha256: string;
  /** Clockwise rotation in degrees, added to the image's own orientation by a person or by its text: 0, 90, 180 or 270. */
  rotation: number;
  /**
   * Set when Paperlift turned the page because its text lay on its side or upside down: the rotation before. A person's
   * rotation removes it.
   */
  turnedFrom?: number;
  /** A person has rotated this revision, so Paperlift leaves its rotation as it is. */
  rotationChosen?: true;
  /** How far the text is tilted, in degrees clockwise, where that is worth taking out. */
  tilt?: number;
  /** Set once a person has straightened the page: the tilt that was taken out. */
  straightened?: number;
  /** The size of the prepared image, of a page that was read and is straightened. Not stored. */
  preparedSize?: { width: number; height: number };
  /** Set when the page comes from a file of many pages: which page of it, and whether that had text of its own. */
  source?: { importId: string; page: number; hadText: boolean };
  /** What a person said this page is written in. Missing: what the project says. */
  languages?: Language[];
  /**
   * Where the text comes from; until the page is ready, where it is to come from. Missing: `ocr`. A page that has no real
   * text of its own is read from its image all the same.
   */
  textSource?: TextSource;
  /** Whether the page's own text was real when its file was split, so that people may choose. */
  hasOwnText?: boolean;
  /** The page's own text, with places on the original as it is drawn. */
  ownTextKey?: string;
  failure?: PageFailure;
  /** Set when image moderation refused the image: what it found. For administrators. */
  moderationLabels?: ModerationLabelFound[];
  /**
   * Set once the revision is prepared: the rotation of the prepared image, the detection and the lines added by hand.
   * The page is shown rotated by the difference (`turning.ts`).
   */
  preparedRotation?: number;
  /** Set once the revision is prepared: the size of the upright image in pixels. */
  width?: number;
  height?: number;
  /** Keys of the prepared image and its thumbnail, at `preparedRotation`. */
  imageKey?: string;
  thumbnailKey?: string;
  /** Set once the revision is ready. */
  detectionKey?: string;
  /** Names the item that holds the text and what people made of it (`page-text.store.ts`). */
  textId?: string;
  text?: string;
  /** What the text is written in, as far as it could be told. */
  language?: Language;
  wordCount?: number;
  doubtfulCount?: number;
  /** Corrected lines, by line id. The detection itself never changes. */
  corrections?: Record<string, string>;
  /** The alignment of corrected lines with detected words, by line id. Missing until computed. */
  alignments?: Record<string, string>;
  /** Unsure words that a person confirmed, by line id: their indexes in the detected line. */
  accepted?: Record<string, number[]>;
  /** Lines that people added by hand, by line id. */
  added?: Record<string, AddedLine>;
  /** People's last steps, newest last, so that they can be undone. */
  steps?: ReviewStep[];
  /** Incremented by each change of the lines, so that concurrent changes do not overwrite each other. */
  edits?: number;
  /** Set once a person has marked the page as reviewed: the time (ISO 8601), and the person's name. */
  reviewedAt?: string;
  reviewedBy?: string;
  /** Who is to review this page. Missing: what the project says. */
  assignment?: Assignment;
  /** Who reviews it right now, until a time (ISO 8601); it has lapsed after that. */
  reviewClaim?: ReviewClaim;
  createdAt: string;
  updatedAt: string;
}

export interface ReviewClaim {
  /** A person. */
  id: string;
  name: string;
  until: string;
}

/** A page that was deleted and can be restored until it is erased. */
export interface DeletedPage extends PageSummary {
  deletedAt: string;
  /** Shared by all pages that were deleted together. */
  deletionId: string;
  /** The number that the page had. */
  deletedNumber: number;
  /** The name of the person who deleted it. */
  deletedBy: string;
}

/** What lies in an item of its own: only who asks for a page with its text has it. */
export type StoredText = Pick<Page, 'text' | 'corrections' | 'alignments' | 'accepted' | 'added' | 'steps'>;

/** A page in a list: without its text, of which only the beginning is included. */
export type PageSummary = Omit<Page, keyof StoredText> & { preview?: string };

/** Where a page's text may come from instead, for a ready page whose PDF has it. */
export function otherSourceOf({ status, hasOwnText, textSource }: PageSummary): TextSource | undefined {
  if (status !== 'ready' || !hasOwnText) return undefined;
  return textSource === 'pdf-text' ? 'ocr' : 'pdf-text';
}

export function isFinal(page: { status: PageStatus }): boolean {
  return page.status === 'ready' || page.status === 'failed';
}
