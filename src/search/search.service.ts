// Finds words in all text that a person may see. The engine only proposes candidates. Each is read as it is now, and compared
// with the query and the policies before it is shown.

import type { AuditService } from '../audit/audit.service.ts';
import { PaperliftError } from '../errors.ts';
import { withLanguage } from '../pages/language-of-page.ts';
import type { Page } from '../pages/page.ts';
import type { PageNumbers } from '../pages/page-numbers.ts';
import type { Person } from '../people/person.ts';
import type { Policies } from '../people/policies.ts';
import { aboutProject } from '../projects/project.service.ts';
import { toProject } from '../projects/project-item.ts';
import { createTurns } from '../runtime/fair-turns.ts';
import { takeTurns } from '../runtime/short-turns.ts';
import type { Language } from '../text/languages.ts';
import type { Hit, SearchResult } from './hit.ts';
import type { IndexedTexts } from './indexed-texts.store.ts';
import { findInText, holdsAll } from './matching-line.ts';
import { versionOf } from './posting.ts';
import { ownersFor, type Readable, readableBy, readableByOverseer } from './readable.ts';
import type { Candidate, SearchEngine } from './search-engine.ts';
import { type Query, type QueryField, queryIn, readQuery } from './words.ts';

interface Dependencies {
  engine: Pick<SearchEngine, 'propose'>;
  indexed: Pick<IndexedTexts, 'readAll'>;
  /** What is shared with any of these people and teams, and whose it is. */
  sharedWith: (ids: string[]) => Promise<{ projectId: string; ownerId: string }[]>;
  numbers: PageNumbers;
  policies: Policies;
  audit: Pick<AuditService, 'recordRead'>;
  /** Of projects that choose none. */
  defaultLanguages: Language[];
}

export interface SearchQuery {
  q: string;
  scope: 'mine' | 'all';
  cursor?: string | undefined;
  limit: number;
  /** Whether to count the results, which also reads pages that are not shown. */
  counts?: boolean;
}

/** The limit of texts compared for one answer. */
const maxReads = 150;
/** The limit of letters compared for one answer, and how many texts are read at once. */
const maxLetters = 1_000_000;
const readAtOnce = 40;
/** How many searches run at once, in total and for one person. */
const searchesAtOnce = { atOnce: 6, perPerson: 2 };
/** How many searches of one person may wait. */
const maxWaiting = 20;
/** The limit up to which results are counted. */
const maxCount = 100;

export function createSearchService(dependencies: Dependencies) {
  const { engine, indexed, sharedWith, numbers, policies, audit, defaultLanguages } = dependencies;
  const turns = createTurns(searchesAtOnce);

  async function readableFor(person: Person, scope: SearchQuery['scope']): Promise<Readable> {
    if (scope === 'all') return readableByOverseer(person);
    return readableBy(person, await sharedWith(ownersFor(person)));
  }

  /** Compares the candidates in order and returns the hits. Stops when no `letters` are left to compare. */
  async function compare(
    person: Person,
    some: Candidate[],
    query: Query,
    readable: Readable,
    letters: number,
  ) {
    const projectIds = [...new Set(some.map(({ what }) => what.projectId))];
    const there = await indexed.readAll([
      ...projectIds.map((projectId) => ({ projectId })),
      ...some.flatMap(({ what }) => (what.pageId ? [what] : [])),
    ]);
    const takeTurn = takeTurns();
    let lettersLeft = letters;
    const findLines = async (text: string, found: Candidate['found'], language?: Language) => {
      lettersLeft -= text.length;
      if (query.terms.length === 0) return firstLine(text);
      return findInText(text, queryIn(language, query), takeTurn, found);
    };
    const show = async ({ what, found: by }: Candidate): Promise<Hit | undefined> => {
      const { projectId, pageId } = what;
      const item = there.get(projectId);
      if (!item || item.deletedAt) return undefined;
      const project = toProject(item);
      if (!policies.mayInProject(person, 'view', project)) return undefined;
      if (!readable.isAll && !policies.takesPart(person, project)) return undefined;
      const { name } = project;
      const about = { project };
      const asked = Map.groupBy(query.fields ?? [], ({ field }) => field);
      const holds = (field: QueryField, text: string) =>
        holdsAll(text, asked.get(field)?.map(({ words }) => words) ?? []);
      if (!holds('project', name)) return undefined;
      if (!pageId) {
        if (asked.has('file')) return undefined;
        const found = await findLines(name, by);
        return found && { ...about, ...found };
      }
      const page = there.get(pageId);
      if (page?.status !== 'ready' || page.deletedAt) return undefined;
      const { fileName, revision, rotation, straightened, language, thumbnailKey, source } = withLanguage(
        page as unknown as Page,
        { project, defaults: defaultLanguages },
      );
      if (!holds('file', fileName)) return undefined;
      const isSame = by?.textId === versionOf(page as unknown as Page); // else the engine's words are of another text
      const found = await findLines(String(page.text ?? ''), isSame ? by : undefined, language);
      if (!found) return undefined;
      return {
        ...about,
        page: {
          id: pageId,
          fileName,
          ...(source ? { pageOfFile: source.page } : {}),
          revision,
          rotation,
          ...(language ? { language } : {}),
          ...(straightened === undefined ? {} : { straightened }),
          hasThumbnail: Boolean(thumbnailKey),
        },
        ...found,
      };
    };
    const compared: (Hit | undefined)[] = [];
    for (const candidate of some) {
      if (lettersLeft <= 0) break;
      compared.push(await show(candidate));
    }
    return { compared, lettersLeft };
  }

  /** Adds each page's number in its project. */
  async function number(hits: Hit[]): Promise<Hit[]> {
    const projectIds = new Set(hits.flatMap(({ project, page }) => (page ? [project.id] : [])));
    const byProject = new Map(
      await Promise.all([...projectIds].map(async (id) => [id, await numbers.read(id)] as const)),
    );
    return hits.map((hit) => {
      const found = hit.page && byProject.get(hit.project.id)?.get(hit.page.id);
      return hit.page && found !== undefined ? { ...hit, page: { ...hit.page, number: found } } : hit;
    });
  }

  /** Seeing lines of another person's project is recorded in that project before they are shown. */
  async function recordShown(person: Person, hits: Hit[]) {
    const shown = new Map(hits.map(({ project }) => [project.id, project]));
    const entries = [...shown.values()].map((project) =>
      audit.recordRead({ ...aboutProject(person, project), action: 'text.found', onlyInProject: true }),
    );
    await Promise.all(entries);
  }

  /** Runs a person's searches one or two at a time, in turns with everyone else's. */
  async function inTurn<T>(person: Person, work: () => Promise<T>): Promise<T> {
    if (turns.waiting(person.id) >= maxWaiting) throw tooManySearches();
    const turn = await turns.take(person.id);
    try {
      return await work();
    } finally {
      turn.release();
    }
  }

  async function searchNow(
    person: Person,
    { q, scope, cursor, limit, counts = false }: SearchQuery,
  ): Promise<SearchResult> {
    if (scope === 'all' && !policies.may(person, 'projects.list-all')) {
      throw new PaperliftError('forbidden', {
        code: 'may-not-list-all',
        message: 'Only administrators and auditors can search everyone’s text.',
        hint: 'Remove "scope=all".',
      });
    }
    const query = readQuery(q);
    if (query.terms.length === 0 && !query.fields) return { items: [], isCut: false };
    if (scope === 'all') await audit.recordRead({ actor: person, action: 'text.searched' });
    const readable = await readableFor(person, scope);
    const proposal = await engine.propose(readable, query, cursor);
    const wanted = counts ? maxCount : limit;
    const found: { hit: Hit; cursor: string }[] = [];
    let [reads, letters] = [0, maxLetters];
    let lastRead: string | undefined;
    let isMore = true;
    while (isMore && reads < maxReads && found.length <= wanted && letters > 0) {
      const some = await proposal.next(Math.min(wanted + 5, readAtOnce, maxReads - reads));
      const { compared, lettersLeft } = await compare(person, some, query, readable, letters);
      for (const [at, hit] of compared.entries()) if (hit) found.push({ hit, cursor: cursorAt(some, at) });
      if (compared.length > 0) lastRead = cursorAt(some, compared.length - 1);
      isMore = compared.length < some.length || proposal.hasMore();
      reads += compared.length;
      letters = lettersLeft;
    }
    const isAll = !isMore && found.length <= wanted && !proposal.isCut;
    const shown = await number(found.slice(0, limit).map(({ hit }) => hit));
    await recordShown(person, shown);
    const last = found.length > limit ? found[limit - 1]?.cursor : isMore ? lastRead : undefined;
    return {
      items: shown,
      isCut: proposal.isCut,
      ...(last ? { cursor: last } : {}),
      ...(counts ? { count: { atLeast: Math.min(found.length, maxCount), isAll } } : {}),
    };
  }

  return {
    /** Pages and projects with every word of the query, newest first. An empty query finds nothing. */
    search: (person: Person, query: SearchQuery) => inTurn(person, () => searchNow(person, query)),
  };
}

const cursorAt = (some: Candidate[], at: number) => (some[at] as Candidate).cursor;

/** Of what was found by its name alone. */
function firstLine(text: string): Pick<Hit, 'line' | 'moreLines'> {
  const [line = ''] = text.split('\n');
  return { line: [{ text: line, found: false }], moreLines: 0 };
}

export type SearchService = ReturnType<typeof createSearchService>;

function tooManySearches() {
  return new PaperliftError('too-many', {
    code: 'too-many-requests',
    message: 'Too many searches at the same time.',
    hint: 'Wait for their results, then try again.',
    retryAfterSeconds: 5,
  });
}
