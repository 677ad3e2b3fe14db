// Finds words in all text that a person may see. The index only proposes candidates. Each is read and compared with
// the query before it is shown.

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
import { findInText } from './matching-line.ts';
import type { Indexed } from './posting.ts';
import type { TextIndex } from './text-index.store.ts';
import { type LookedUp, lookedUp, type Query, queryIn, readQuery } from './words.ts';

interface Dependencies {
  index: Pick<TextIndex, 'look' | 'readAll'>;
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

/** The limits of postings read for a word, and of texts compared, for one answer. */
const maxPostings = 300;
const maxReads = 150;
/** In how many other owners' projects a search looks for what they share. */
const maxSharingOwners = 40;
/** The limit of letters compared for one answer, and how many texts are read at once. */
const maxLetters = 1_000_000;
const readAtOnce = 40;
/** How many searches run at once, in total and for one person. */
const searchesAtOnce = { atOnce: 6, perPerson: 2 };
/** How many searches of one person may wait. */
const maxWaiting = 20;
/** The limit up to which results are counted. */
const maxCount = 100;

/** Whose postings a search reads, and which of them count. */
interface SearchedScope {
  organisationId: string;
  isAll: boolean;
  owners: { ownerId: string | undefined; isSeen: (what: Indexed) => boolean }[];
  /** More people share something than are searched. */
  isCut: boolean;
}

export function createSearchService(dependencies: Dependencies) {
  const { index, sharedWith, numbers, policies, audit, defaultLanguages } = dependencies;
  const turns = createTurns(searchesAtOnce);

  /**
   * In whose postings to look. What is shared with the person lies in its owner's, of which only the shared projects
   * count.
   */
  async function scopeOf(person: Person, scope: SearchQuery['scope']): Promise<SearchedScope> {
    const { organisationId } = person;
    const everything = () => true;
    if (scope === 'all')
      return {
        organisationId,
        isAll: true,
        owners: [{ ownerId: undefined, isSeen: everything }],
        isCut: false,
      };
    const own = [person.id, ...person.teams.map(({ id }) => id)];
    const shared = (await sharedWith(own)).filter(({ ownerId }) => !own.includes(ownerId));
    const byOwner = Map.groupBy(shared, ({ ownerId }) => ownerId);
    const others = [...byOwner].map(([ownerId, projects]) => {
      const ids = new Set(projects.map(({ projectId }) => projectId));
      return { ownerId, isSeen: ({ projectId }: Indexed) => ids.has(projectId) };
    });
    return {
      organisationId,
      isAll: false,
      owners: [
        ...own.map((ownerId) => ({ ownerId, isSeen: everything })),
        ...others.slice(0, maxSharingOwners),
      ],
      isCut: others.length > maxSharingOwners,
    };
  }

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

  /** Candidates that may contain all words, newest first, using the words whose postings were read completely. */
  async function propose(scope: SearchedScope, query: Query) {
    const lists = await Promise.all(lookedUp(query).map((keys) => look(scope, keys)));
    const whole = lists.filter(({ isCut }) => !isCut);
    const rarest = (whole.length > 0 ? whole : lists).toSorted((a, b) => a.byId.size - b.byId.size)[0];
    const proposed = [...(rarest?.byId ?? [])].filter(([id]) => whole.every(({ byId }) => byId.has(id)));
    return {
      proposed: proposed.toSorted(([one], [other]) => (one < other ? 1 : -1)),
      isCut: whole.length === 0 && lists.length > 0,
    };
  }

  /** Compares the candidates in order and returns the hits. Stops when no `letters` are left to compare. */
  async function compare(
    person: Person,
    some: Indexed[],
    query: Query,
    scope: SearchedScope,
    letters: number,
  ) {
    const projectIds = [...new Set(some.map(({ projectId }) => projectId))];
    const there = await index.readAll([
      ...projectIds.map((projectId) => ({ projectId })),
      ...some.filter(({ pageId }) => pageId),
    ]);
    const takeTurn = takeTurns();
    let lettersLeft = letters;
    const findLines = async (text: string, language?: Language) => {
      lettersLeft -= text.length;
      return findInText(text, queryIn(language, query), takeTurn);
    };
    const show = async ({ projectId, pageId }: Indexed): Promise<Hit | undefined> => {
      const item = there.get(projectId);
      if (!item || item.deletedAt) return undefined;
      const project = toProject(item);
      if (!policies.mayInProject(person, 'view', project)) return undefined;
      if (!scope.isAll && !policies.takesPart(person, project)) return undefined;
      const { name } = project;
      const about = { project };
      if (!pageId) {
        const found = await findLines(name);
        return found && { ...about, ...found };
      }
      const page = there.get(pageId);
      if (page?.status !== 'ready' || page.deletedAt) return undefined;
      const { fileName, revision, rotation, straightened, language, thumbnailKey, source } = withLanguage(
        page as unknown as Page,
        { project, defaults: defaultLanguages },
      );
      const found = await findLines(String(page.text ?? ''), language);
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
    for (const what of some) {
      if (lettersLeft <= 0) break;
      compared.push(await show(what));
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
    if (query.terms.length === 0) return { items: [], isCut: false };
    if (scope === 'all') await audit.recordRead({ actor: person, action: 'text.searched' });
    const searched = await scopeOf(person, scope);
    const { proposed, isCut } = await propose(searched, query);
    const left = cursor ? proposed.filter(([id]) => id < cursor) : proposed;
    const wanted = counts ? maxCount : limit;
    const items: Hit[] = [];
    let at = 0;
    let letters = maxLetters;
    while (at < Math.min(left.length, maxReads) && items.length <= wanted && letters > 0) {
      const end = Math.min(at + Math.min(wanted + 5, readAtOnce), maxReads);
      const some = left.slice(at, end).map(([, what]) => what);
      const { compared, lettersLeft } = await compare(person, some, query, searched, letters);
      items.push(...compared.filter((hit) => hit !== undefined));
      at += compared.length;
      letters = lettersLeft;
    }
    const isWhole = !isCut && !searched.isCut;
    const isAll = at >= left.length && items.length <= wanted && isWhole;
    const shown = await number(items.slice(0, limit));
    await recordShown(person, shown);
    const lastRead = left[at - 1]?.[0];
    const last = items.length > limit ? idOf(shown.at(-1)) : at < left.length ? lastRead : undefined;
    return {
      items: shown,
      isCut: !isWhole,
      ...(last ? { cursor: last } : {}),
      ...(counts ? { count: { atLeast: Math.min(items.length, maxCount), isAll } } : {}),
    };
  }

  return {
    /** Pages and projects with every word of the query, newest first. An empty query finds nothing. */
    search: (person: Person, query: SearchQuery) => inTurn(person, () => searchNow(person, query)),
  };
}

const idOf = (hit: Hit | undefined) => hit?.page?.id ?? hit?.project.id;

export type SearchService = ReturnType<typeof createSearchService>;

function tooManySearches() {
  return new PaperliftError('too-many', {
    code: 'too-many-requests',
    message: 'Too many searches at the same time.',
    hint: 'Wait for their results, then try again.',
    retryAfterSeconds: 5,
  });
}
