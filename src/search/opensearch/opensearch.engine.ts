// Proposes pages by OpenSearch: those that hold the query's words in any form, the best first.
import * as z from 'zod';
import { fold } from '../../text/folding.ts';
import { cut } from '../chunks.ts';
import type { Readable } from '../readable.ts';
import { badCursor, type Candidate, type Proposal, rankedCursor } from '../search-engine.ts';
import type { Query } from '../words.ts';
import type { Indexes } from './indexes.ts';
import { type OpenSearchClient, OpenSearchError, searchUnavailable } from './opensearch.client.ts';
import { projectsNamed, searchBody } from './search-request.ts';

interface Dependencies {
  client: Pick<OpenSearchClient, 'call'>;
  indexes: Pick<Indexes, 'ensure'>;
  /** The alias of the index that is searched. */
  alias: string;
}

/** Characters that no text has (they are control characters, which the text detector does not give). */
const [opening, closing] = ['\u0002', '\u0003'];
/** Projects that `project:` may stand for. */
const maxProjects = 1000;
const searchTimeoutMs = 3000;

const hit = z.object({
  _score: z.number(),
  _source: z.object({ projectId: z.string(), pageId: z.string().optional(), textId: z.string().optional() }),
  sort: z.tuple([z.number(), z.string()]),
  highlight: z.record(z.string(), z.array(z.string())).optional(),
});
type FoundDocument = z.infer<typeof hit>;
const answer = z.object({ hits: z.object({ hits: z.array(hit) }) });
const ids = z.object({
  hits: z.object({ hits: z.array(z.object({ _source: z.object({ projectId: z.string() }) })) }),
});

export function createOpenSearchEngine({ client, indexes, alias }: Dependencies) {
  /** Of all shards, or not at all: an answer that lacks something does not look like a whole one. */
  async function ask(body: object, querystring: Record<string, string> = {}): Promise<unknown> {
    const call = () =>
      client.call({
        method: 'POST',
        path: `/${alias}/_search`,
        body,
        querystring: { ...querystring, allow_partial_search_results: 'false' },
        timeoutMs: searchTimeoutMs,
      });
    try {
      return await call();
    } catch (error) {
      if (!isMissing(error)) throw error;
      await indexes.ensure();
      return call().catch((again) => {
        throw isMissing(again) ? searchUnavailable(again) : again; // it is being built
      });
    }
  }

  async function findProjects(readable: Readable, query: Query): Promise<string[] | undefined> {
    const names = (query.fields ?? []).flatMap(({ field, words }) => (field === 'project' ? [words] : []));
    if (names.length === 0) return undefined;
    const body = { size: maxProjects, _source: ['projectId'], query: projectsNamed(readable, names) };
    const found = ids.parse(await ask(body));
    return found.hits.hits.map(({ _source }) => _source.projectId);
  }

  return {
    async propose(readable: Readable, query: Query, cursor?: string): Promise<Proposal> {
      let after = cursor === undefined ? undefined : readCursor(cursor);
      const projectIds = await findProjects(readable, query);
      const wanted = searchBody(readable, query, projectIds);
      let isMore = true;
      return {
        isCut: projectIds?.length === maxProjects,
        hasMore: () => isMore,
        async next(atMost) {
          if (!isMore || atMost < 1) return [];
          const body = {
            size: atMost,
            query: wanted,
            track_total_hits: false,
            sort: [{ _score: 'desc' }, { id: 'desc' }],
            ...(after ? { search_after: after } : {}),
            _source: ['projectId', 'pageId', 'textId'],
            highlight: {
              fields: { 'text_*': { number_of_fragments: 0 } },
              pre_tags: [opening],
              post_tags: [closing],
            },
          };
          // the same copies for the same person, whose scores would differ from those of other copies
          const found = answer.parse(await ask(body, { preference: preferenceOf(readable) }));
          const { hits } = found.hits;
          isMore = hits.length === atMost;
          after = hits.at(-1)?.sort ?? after;
          return hits.map(toCandidate);
        },
      };
    },
  };
}

const isMissing = (error: unknown) => error instanceof OpenSearchError && error.status === 404;

const preferenceOf = ({ owners, organisationId }: Readable) => `of-${owners[0] ?? organisationId}`;

function toCandidate({
  _source: { projectId, pageId, textId },
  sort,
  highlight = {},
}: FoundDocument): Candidate {
  return {
    what: { projectId, pageId },
    cursor: rankedCursor + Buffer.from(JSON.stringify(sort)).toString('base64url'),
    found: { textId: textId ?? '', words: new Set(Object.values(highlight).flat().flatMap(markedWords)) },
  };
}

/** The words that OpenSearch marked, folded as words.ts does. */
function markedWords(text: string): string[] {
  const marked = text
    .split(opening)
    .slice(1)
    .map((part) => part.split(closing)[0] as string);
  return marked.flatMap((word) => cut(word).map(({ forms }) => forms[0]?.folded ?? fold(word)));
}

const cursorValues = z.tuple([z.number(), z.string().max(64)]);

function readCursor(cursor: string): [number, string] {
  if (!cursor.startsWith(rankedCursor)) throw badCursor();
  try {
    const json = Buffer.from(cursor.slice(rankedCursor.length), 'base64url').toString();
    return cursorValues.parse(JSON.parse(json));
  } catch {
    throw badCursor();
  }
}
