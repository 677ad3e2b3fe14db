import * as z from 'zod';
import { hasVisibleText } from '../text/visible-text.ts';

/** A named pile of pages with one owner. */
export interface Project {
  id: string;
  name: string;
  ownerId: string;
  /** As the owner was called when the project was made: for lists that admins and auditors see. */
  ownerName: string;
  createdAt: string;
}

/** How lists of projects may be sorted. */
export const projectOrders = ['changed', 'name', 'newest'] as const;
export type ProjectOrder = (typeof projectOrders)[number];

const projectNameLimit = 200;

/** A project's name: any Unicode text of 1 to 200 characters, white space around it dropped, no control characters. */
export const projectName = z
  .string('Enter a project name.')
  .transform((name) => name.normalize('NFC').trim())
  .pipe(
    z
      .string()
      .min(1, 'Enter a project name.')
      .refine(hasVisibleText, { error: 'Use letters or digits: this name consists of invisible characters.' })
      .refine((name) => [...name].length <= projectNameLimit, {
        error: `Use ${projectNameLimit} characters or fewer.`,
      })
      .refine((name) => !/\p{Cc}/u.test(name), {
        error: 'Remove control characters, such as line breaks, from the name.',
      })
      .refine((name) => name.isWellFormed(), { error: 'The name contains invalid Unicode characters.' }),
  );

/** Where everything of a project lies in S3. */
export const projectPrefix = (projectId: string) => `projects/${projectId}/`;

/** Where uploads lie that a browser puts into S3 by itself, until they are taken into the project or given up. */
export const uploadsPrefix = (projectId: string) => `uploads/${projectId}/`;
