// What a reader says of a PDF, whichever reader it is.

/** A piece of text that the reader keeps together: a word, or with pdf.js a run of words. */
export interface ReadPiece {
  text: string;
  /** The centre and the size, in fractions of the page; the size is that of the upright box around the text. */
  x: number;
  y: number;
  width: number;
  height: number;
  /** The middle of the edge where the text begins. Where a reader gives it, the box may hold the space after the text. */
  start?: { x: number; y: number };
}

export interface ReadPage {
  /** In points. */
  width: number;
  height: number;
  /** What "select all" and "copy" give. */
  text: string;
  pieces: ReadPiece[];
}

export interface ReadPdf {
  pages: ReadPage[];
  title: string;
  language: string;
  isTagged: boolean;
  /** Each entry's title and the number of the page that it leads to, from 1. */
  outline: { title: string; page: number }[];
}

/** The text without white space and without the direction marks that readers add. */
export function withoutSpace(text: string): string {
  return text.replace(/[\s\u200e\u200f\u202a-\u202e]+/gu, '');
}

/** The words of a text, as a person would search for them. */
export function wordsIn(text: string): string[] {
  return text
    .replace(/[\u200e\u200f\u202a-\u202e]+/gu, '')
    .split(/\s+/u)
    .filter((word) => word !== '');
}
