// What people are told when a file or page cannot be drawn: what failed, why, and what to do.
import type { Failure } from '../jobs/leased-job.ts';
import { DrawingError } from './drawable.ts';
import type { DrawingFault } from './drawing.messages.ts';
import { DrawingEndedError } from './page-drawer.ts';

const ofFiles: Record<DrawingFault, Failure> = {
  encrypted: {
    code: 'file-encrypted',
    message: 'The file is password-protected. Save it without a password, then upload it again.',
  },
  damaged: {
    code: 'file-damaged',
    message: 'The file is damaged and can’t be opened. Scan or save it again, then upload it.',
  },
  'no-pages': { code: 'file-empty', message: 'The file has no pages. Choose another file.' },
  'page-unreadable': {
    code: 'page-unreadable',
    message: 'This page is damaged and can’t be displayed. Scan it again, then replace this page.',
  },
  'page-too-large': {
    code: 'page-too-large',
    message:
      'This page is too large. The limit is 10,000 pixels on each side and 100 million in total. Scan it at a lower resolution, then replace this page.',
  },
  'page-too-costly': {
    code: 'page-too-costly',
    message:
      'This page takes too much memory to open. Scan it at a lower resolution or with fewer colors, then replace this page.',
  },
  foreign: {
    code: 'encoding-unsupported',
    message:
      'This page uses a compression or color format that isn’t supported. Save the file as a PDF, then upload that.',
  },
  'out-of-memory': {
    code: 'page-too-large',
    message: 'This page is too large to display. Scan it at a lower resolution, then replace this page.',
  },
};

const tooComplex: Failure = {
  code: 'file-too-complex',
  message:
    'Opening this takes too long. Try again. If it fails again, print it to a new PDF and upload that.',
};
/** Perhaps the machine ran out of memory. Unlike damage, that may pass. */
const crashed: Failure = {
  code: 'drawing-failed',
  message:
    'Something went wrong while opening this. Try again. If it fails again, print it to a new PDF and upload that.',
};

/** `undefined` for errors that the file did not cause. */
export function failureOf(error: unknown): Failure | undefined {
  if (error instanceof DrawingError) return ofFiles[error.fault];
  if (error instanceof DrawingEndedError) return error.isLate ? tooComplex : crashed;
  return undefined;
}

export function tooManyPages(count: number, limit: number): Failure {
  return {
    code: 'too-many-pages',
    message: `The file has ${count} pages. The limit is ${limit}. Split the file, then upload the parts.`,
  };
}

export const attemptsUsedUp: Failure = {
  code: 'tried-too-often',
  message:
    'The file couldn’t be split into pages after several attempts. Try again later. If it fails again, upload another file.',
};
