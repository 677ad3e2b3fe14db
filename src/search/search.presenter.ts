// Presents search results: lines with links.
import { countOf, formatCount, formatFileName } from '../http/formatting.ts';
import { thumbnailUrl } from '../pages/page.presenter.ts';
import { projectUrl } from '../projects/project.presenter.ts';
import type { Hit, SearchResult } from './hit.ts';

type Scope = 'mine' | 'all';

interface SearchInput extends SearchResult {
  q: string;
  scope: Scope;
  mayListAll: boolean;
  isFirst: boolean;
  /** Why nothing could be searched. */
  unavailable?: { message: string; hint: string | undefined };
}

const queryLength = 200;

/** The search as a query string: "?q=…". */
export function searchQueryOf(q: string, scope: Scope = 'mine'): string {
  const typed = q.toWellFormed().slice(0, queryLength);
  return `?${new URLSearchParams({ q: typed, ...(scope === 'all' && { scope }) })}`;
}

/** The model of `search/show` and `search/list`. */
export function presentSearch({
  q,
  scope,
  mayListAll,
  isFirst,
  items,
  cursor,
  isCut,
  count,
  unavailable,
}: SearchInput) {
  const typed = q.toWellFormed().slice(0, queryLength);
  const query = searchQueryOf(typed, scope);
  const isEmpty = typed.trim() === '';
  return {
    q: typed,
    scope,
    hits: items.map((hit, at) => presentHit(hit, at, query, scope === 'all')),
    allUrl: `/search${query}`,
    nextUrl: cursor ? `/search${query}&cursor=${cursor}` : '',
    scopes: mayListAll
      ? [
          { label: 'Mine', url: `/search${searchQueryOf(typed)}`, current: scope === 'mine' },
          { label: 'Everyone’s', url: `/search${searchQueryOf(typed, 'all')}`, current: scope === 'all' },
        ]
      : [],
    isFirst,
    isCut,
    hasMore: Boolean(cursor),
    unavailable: unavailable ? { what: unavailable.message, hint: unavailable.hint ?? '' } : undefined,
    heading:
      isEmpty || unavailable ? 'Search' : isFirst ? describeCount(count, items.length) : 'More results',
    announcement: isEmpty ? '' : announce(items.length, { hasMore: Boolean(cursor), isCut }),
  };
}

/** "12 results", "More than 100 results". */
function describeCount(count: SearchResult['count'], shown: number): string {
  const { atLeast, isAll } = count ?? { atLeast: shown, isAll: true };
  if (isAll) return atLeast === 0 ? 'No results' : countOf(atLeast, 'result');
  if (atLeast === 0) return 'No results yet';
  return atLeast >= 100
    ? `More than ${formatCount(atLeast)} results`
    : `At least ${countOf(atLeast, 'result')}`;
}

/** For screen readers, about the list under the search box. */
function announce(count: number, { hasMore, isCut }: { hasMore: boolean; isCut: boolean }): string {
  if (count === 0) return isCut ? 'Not everything was searched. Add another word.' : 'No results.';
  return `${hasMore ? 'More than ' : ''}${countOf(count, 'result')}. Use the arrow keys to choose one.`;
}

function presentHit({ project, page, line, moreLines }: Hit, at: number, query: string, showsOwner: boolean) {
  const url = projectUrl(project);
  return {
    id: `hit-${at}`,
    url: page ? `${url}/pages/${page.id}${query}#found` : url,
    thumbnailUrl: page?.hasThumbnail === true ? thumbnailUrl(project, page) : '',
    line,
    language: page?.language,
    isProject: !page,
    projectName: project.name,
    pageNumber: page?.number === undefined ? '' : `page ${formatCount(page.number)}`,
    fileName: page ? formatFileName(page.fileName) : '',
    pageOfFile: page?.pageOfFile ? ` (page ${formatCount(page.pageOfFile)})` : '',
    owner: showsOwner ? project.ownerName : '',
    more: moreLines === 0 ? '' : countOf(moreLines, 'more line'),
  };
}
