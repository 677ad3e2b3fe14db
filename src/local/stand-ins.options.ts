import type { Reach } from './loopback.ts';
import type { TextractLogger } from './textract/textract-server.ts';

/** The default ports of the stand-ins. */
export const fixedPorts = {
  aws: 4566,
  database: 4567,
  userPool: 4568,
  identityProvider: 4569,
  textract: 4570,
  secondIdentityProvider: 4571,
  otherServices: 4572,
};
export const anyPorts = {
  aws: 0,
  database: 0,
  userPool: 0,
  identityProvider: 0,
  textract: 0,
  secondIdentityProvider: 0,
  otherServices: 0,
};

export const usualNames = {
  region: 'us-east-1',
  bucket: 'paperlift',
  table: 'paperlift',
  pagesQueue: 'paperlift-pages',
  exportsQueue: 'paperlift-exports',
};

export interface StandInOptions {
  /** The directory of all state; created when missing. */
  dataDirectory: string;
  /** Whether the database, the object store and the queues keep their state in memory: faster, for tests. */
  inMemory?: boolean;
  /** `any` for tests that run in parallel; the fixed ones, each replaced by a free one when in use; or these. */
  ports: 'fixed-if-free' | 'any' | typeof fixedPorts;
  /** Where they listen, and how they are reached; by default on this machine only. */
  reach?: Reach;
  /** The names of the bucket, the table and the queues. */
  names?: typeof usualNames;
  /** Paperlift's URL; the identity provider answers no one else. */
  publicUrl: string;
  /** Further URLs of Paperlift. */
  otherPublicUrls?: string[];
  /** False when the text detector is not needed, or runs elsewhere. */
  textract?: boolean;
  /** False when the identity provider runs elsewhere. */
  identityProvider?: boolean;
  /** Whether a second company has an identity provider here, too. */
  secondCompany?: boolean;
  /** The text detector's log; by default none. */
  textractLogger?: TextractLogger;
}
