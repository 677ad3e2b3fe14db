// How a page's text is to be detected, as far as a person says so.
import type { Language } from '../text/languages.ts';
import type { Page, TextSource } from './page.ts';

export interface Reading {
  /** Empty: the project's. */
  languages?: Language[] | undefined;
  textSource?: TextSource | undefined;
  /** The file that the page is a page of, to be drawn again: another text source needs another image. */
  original?: Pick<Page, 'originalKey' | 'contentType' | 'sizeBytes' | 'sha256'> | undefined;
}

/** What the worker made of an image, and how it is shown. */
export const imageAttributes = [
  'turnedFrom',
  'rotationChosen',
  'tilt',
  'straightened',
  'preparedRotation',
  'width',
  'height',
  'imageKey',
  'thumbnailKey',
  'moderationLabels',
];

/** What it changes of a page. */
export function toReading({ languages, textSource, original }: Reading): {
  set: Partial<Page>;
  remove: string[];
} {
  return {
    set: {
      ...(languages && languages.length > 0 ? { languages } : {}),
      ...(textSource ? { textSource } : {}),
      ...original,
    },
    remove: [
      ...(languages && languages.length === 0 ? ['languages'] : []),
      ...(original ? [...imageAttributes, 'ownTextKey'] : []),
    ],
  };
}
