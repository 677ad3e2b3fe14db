import * as z from 'zod';
import type { MemberRole } from '../people/permissions.ts';
import type { Language } from '../text/languages.ts';
import { hasVisibleText } from '../text/visible-text.ts';

/** A named set of pages, owned by a person, a team or a service account. */
export interface Project {
  id: string;
  name: string;
  organisationId: string;
  ownerId: string;
  /** The owner's name when the project became theirs, for lists that admins and auditors see. */
  ownerName: string;
  createdAt: string;
  /** What its pages are written in, as far as a person said so. Missing: the deployment's, else detected. */
  languages?: Language[];
  /** With whom it is shared; missing when it never was. */
  members?: ProjectMember[];
  /** Who is to review its pages, except those that are assigned to someone else. */
  assignment?: Assignment;
}

/** A person, a team or a service account that a project can be shared with, or handed over to. */
export interface Grantee {
  id: string;
  kind: 'person' | 'team' | 'service';
  name: string;
  /** Of a person. */
  email?: string;
}

/** Whom a project is shared with. */
export interface ProjectMember extends Grantee {
  role: MemberRole;
  /** ISO 8601. */
  since: string;
}

/** Who is to review a project, or a page: stored on its item. */
export interface Assignment extends Pick<Grantee, 'id' | 'kind' | 'name'> {
  /** Who assigned it. */
  by: { id: string; name: string };
  /** ISO 8601. */
  since: string;
}

/** What may be changed. No languages: nothing is chosen any more. */
export interface ProjectChange {
  name?: string | undefined;
  languages?: Language[] | undefined;
}

/** The sort orders of project lists. */
export const projectOrders = ['changed', 'name', 'newest'] as const;
export type ProjectOrder = (typeof projectOrders)[number];

/** Whose projects are listed: one's own, those shared with one, one's teams', or all of the organisation. */
export const listScopes = ['own', 'shared', 'team', 'all'] as const;
export type ListScope = (typeof listScopes)[number];

const projectNameLimit = 200;

/**
 * A project's name: any Unicode text of 1 to 200 characters without control characters; surrounding white space is
 * trimmed.
 */
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

/** The prefix of a project's objects in S3. */
export const projectPrefix = (projectId: string) => `projects/${projectId}/`;

/** The prefix of presigned uploads, until they become pages or expire. */
export const uploadsPrefix = (projectId: string) => `uploads/${projectId}/`;
