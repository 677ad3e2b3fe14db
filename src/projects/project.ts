import * as z from 'zod';

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
  .string('Give the project a name.')
  .transform((name) => name.normalize('NFC').trim())
  .pipe(
    z
      .string()
      .min(1, 'Give the project a name.')
      .refine((name) => [...name].length <= projectNameLimit, {
        error: `The name is too long: at most ${projectNameLimit} characters fit.`,
      })
      .refine((name) => !/\p{Cc}/u.test(name), {
        error: 'The name holds a control character (a line break, say). Take it out.',
      })
      .refine((name) => name.isWellFormed(), { error: 'The name is not well-formed Unicode text.' }),
  );

export const ulid = z.string().regex(/^[0-7][0-9A-HJKMNP-TV-Z]{25}$/);

/** Where everything of a project lies in S3. */
export const projectPrefix = (projectId: string) => `projects/${projectId}/`;

/** Where uploads lie that a browser puts into S3 by itself, until they are taken into the project or given up. */
export const uploadsPrefix = (projectId: string) => `uploads/${projectId}/`;
