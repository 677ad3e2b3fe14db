// What the search asks of its engine. There are two: an index in the one DynamoDB table (text-index.store.ts,
// embedded.engine.ts), and OpenSearch (opensearch/). One suite of tests is their contract (test/search/engine-contract.ts).
import { PaperliftError } from '../errors.ts';
import type { Indexed } from './posting.ts';
import type { Readable } from './readable.ts';
import type { Query } from './words.ts';

/** Keeps the index in step with the texts. Announced changes are repeated by the sweeper until they are in the index. */
export interface TextFollowing {
  /** Called before a text changes: marks it as due, so that the sweeper follows if no one else does. */
  announce(what: Indexed): Promise<void>;
  /** Brings the index in step with the current text. Safe to run concurrently and to interrupt. */
  follow(what: Indexed): Promise<void>;
  /** Announces, changes, then follows. If that fails, the change stands, and the sweeper follows. */
  following<T>(what: Indexed, change: () => Promise<T>): Promise<T>;
  /** Removes a deleted project from the index. */
  forget(projectId: string): Promise<void>;
  /** Gives a project's texts to the owner that it has now. May be repeated. */
  followOwner(projectId: string): Promise<void>;
}

/** A page or project that may match, in the engine's order. */
export interface Candidate {
  what: Indexed;
  /** Leads on behind it. */
  cursor: string;
  /**
   * How the engine found it, where it also finds what is written otherwise: in which text, and the words that it took for
   * those of the query. Missing: the query's own words have to be in the text.
   */
  found?: { textId: string; words: Set<string> };
}

export interface Proposal {
  /** Not everything was searched: a further word narrows the search. */
  isCut: boolean;
  /** The next candidates, at most this many; none at the end. */
  next(atMost: number): Promise<Candidate[]>;
  hasMore(): boolean;
}

export interface SearchEngine extends TextFollowing {
  /** Candidates for a query among what someone may read, beginning behind a cursor. Throws `invalid` for a cursor that is none. */
  propose(readable: Readable, query: Query, cursor?: string): Promise<Proposal>;
}

/** What the cursors of an engine that ranks begin with. Those of the other are ids. */
export const rankedCursor = '~';

/** For a cursor that does not come from the engine. */
export function badCursor() {
  return new PaperliftError('invalid', {
    code: 'input-invalid',
    message: 'cursor: must be a cursor from an earlier response.',
  });
}
