// Proposes pages by the index in the one table: those on which the query's words begin words, newest first.
import type { Indexed } from './posting.ts';
import type { Readable } from './readable.ts';
import { badCursor, type Proposal, rankedCursor } from './search-engine.ts';
import { type LookedUp, lookedUp, type Query } from './words.ts';

interface Dependencies {
  index: {
    look: (
      organisationId: string,
      ownerId: string | undefined,
      word: string,
      limit: number,
    ) => Promise<{ found: Indexed[]; isCut: boolean }>;
  };
}

/** The limit of postings read for a word. */
const maxPostings = 300;
/** In how many other owners' projects a search looks for what they share. */
const maxSharingOwners = 40;

/** Whose postings a search reads, and which of them count. */
interface SearchedScope {
  organisationId: string;
  owners: { ownerId: string | undefined; isSeen: (what: Indexed) => boolean }[];
  /** More people share something than are searched. */
  isCut: boolean;
}

const everything = () => true;

/** What is shared with someone lies in its owner's postings, of which only the shared projects count. */
function scopeOf({ organisationId, isAll, owners, shared }: Readable): SearchedScope {
  if (isAll) return { organisationId, owners: [{ ownerId: undefined, isSeen: everything }], isCut: false };
  const others = [...shared].map(([ownerId, ids]) => ({
    ownerId,
    isSeen: ({ projectId }: Indexed) => ids.has(projectId),
  }));
  return {
    organisationId,
    owners: [
      ...owners.map((ownerId) => ({ ownerId, isSeen: everything })),
      ...others.slice(0, maxSharingOwners),
    ],
    isCut: others.length > maxSharingOwners,
  };
}

export function createEmbeddedEngine({ index }: Dependencies) {
  /** Where a word occurs, in any spelling. A common word that differs by `ue` alone (`statues`, `status`) does not crowd it out. */
  async function look(scope: SearchedScope, { keys, short }: LookedUp) {
    const lookAt = async (key: string) => {
      const { organisationId, owners } = scope;
      const found = await Promise.all(
        owners.map(async ({ ownerId, isSeen }) => {
          const looked = await index.look(organisationId, ownerId, key, maxPostings);
          return { ...looked, found: looked.found.filter(isSeen) };
        }),
      );
      return { found: found.flatMap((each) => each.found), isCut: found.some(({ isCut }) => isCut) };
    };
    const [looked, shorter] = await Promise.all([
      Promise.all(keys.map(lookAt)),
      short === undefined ? undefined : lookAt(short),
    ]);
    const found = [...looked, ...(shorter && !shorter.isCut ? [shorter] : [])].flatMap((each) => each.found);
    return {
      isCut: shorter?.isCut === true || looked.some(({ isCut }) => isCut),
      byId: new Map(found.map((what) => [what.pageId ?? what.projectId, what])),
    };
  }

  return {
    /** Candidates that may contain all words, newest first, using the words whose postings were read completely. */
    async propose(readable: Readable, query: Query, cursor?: string): Promise<Proposal> {
      if (cursor?.startsWith(rankedCursor)) throw badCursor();
      const scope = scopeOf(readable);
      const named = query.fields?.flatMap(({ field, words }) => (field === 'project' ? [words] : [])) ?? [];
      const looked = lookedUp(query.terms.length > 0 ? query : { terms: named });
      const lists = await Promise.all(looked.map((keys) => look(scope, keys)));
      const whole = lists.filter(({ isCut }) => !isCut);
      const rarest = (whole.length > 0 ? whole : lists).toSorted((a, b) => a.byId.size - b.byId.size)[0];
      const left = [...(rarest?.byId ?? [])]
        .filter(([id]) => whole.every(({ byId }) => byId.has(id)) && (cursor === undefined || id < cursor))
        .toSorted(([one], [other]) => (one < other ? 1 : -1));
      let at = 0;
      return {
        // files have no postings: they are compared with what the other words find
        isCut: scope.isCut || whole.length === 0,
        async next(atMost) {
          const some = left.slice(at, at + atMost);
          at += some.length;
          return some.map(([id, what]) => ({ what, cursor: id }));
        },
        hasMore: () => at < left.length,
      };
    },
  };
}
