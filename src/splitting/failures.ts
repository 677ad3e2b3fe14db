// What people are told when a file or a page of it cannot be drawn: what, why, and what to do.
import type { Failure } from '../aws/leased-job.ts';
import { DrawingError } from './drawable.ts';
import type { DrawingFault } from './drawing.messages.ts';
import { DrawingEndedError } from './page-drawer.ts';

const ofFiles: Record<DrawingFault, Failure> = {
  encrypted: {
    code: 'file-encrypted',
    message: 'The file is protected by a password. Save it without one, then upload it again.',
  },
  damaged: {
    code: 'file-damaged',
    message: 'The file is damaged and cannot be opened. Scan or save it again, then upload it again.',
  },
  'no-pages': { code: 'file-empty', message: 'The file has no pages. Choose another one.' },
  'page-unreadable': {
    code: 'page-unreadable',
    message: 'This page of the file is damaged and cannot be shown. Scan it again, then replace this page.',
  },
  'page-too-large': {
    code: 'page-too-large',
    message:
      'This page has more than 10 000 pixels on a side or 100 million in all. Scan it smaller, then replace this page.',
  },
  foreign: {
    code: 'encoding-unsupported',
    message:
      'This is compressed in a way, or has colours, that cannot be read here. Save it as a PDF, then upload that.',
  },
  'out-of-memory': {
    code: 'page-too-large',
    message: 'This page is too large to be shown. Scan it smaller, then replace this page.',
  },
};

const tooComplex: Failure = {
  code: 'file-too-complex',
  message: 'It takes too long to draw this. Print it to a new PDF or scan it, then upload that.',
};
const breaking: Failure = {
  code: 'file-damaged',
  message: 'The file cannot be shown: something in it is broken. Print it to a new PDF, then upload that.',
};

/** Undefined for an error that is no fault of the file's. */
export function failureOf(error: unknown): Failure | undefined {
  if (error instanceof DrawingError) return ofFiles[error.fault];
  if (error instanceof DrawingEndedError) return error.isLate ? tooComplex : breaking;
  return undefined;
}

export function tooManyPages(count: number, most: number): Failure {
  return {
    code: 'too-many-pages',
    message: `The file has ${count} pages; at most ${most} are taken from one. Split it, then upload the parts.`,
  };
}

export const triedTooOften: Failure = {
  code: 'tried-too-often',
  message:
    'The file could not be split after several tries. Try again later; if it fails again, upload another file.',
};
