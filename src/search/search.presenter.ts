// What the search's views show: found lines with their addresses.
import { projectUrl, sayFileName } from '../projects/project.presenter.ts';
import type { Hit, SearchResult } from './hit.ts';

interface SearchInput extends SearchResult {
  q: string;
  scope: 'mine' | 'all';
  mayListAll: boolean;
  isFirst: boolean;
}

/** A search with what it found, as `search/show` and `search/list` show it. */
export function presentSearch({ q, scope, mayListAll, isFirst, items, cursor, isCut }: SearchInput) {
  const typed = q.toWellFormed().slice(0, 200);
  const urlOf = (more: Record<string, string>) => `/search?${new URLSearchParams({ q: typed, ...more })}`;
  const all = { scope: 'all' };
  return {
    q: typed,
    scope,
    hits: items.map((hit, at) => presentHit(hit, at, typed, scope === 'all')),
    allUrl: urlOf(scope === 'all' ? all : {}),
    nextUrl: cursor ? urlOf({ ...(scope === 'all' && all), cursor }) : '',
    scopes: mayListAll
      ? [
          { label: 'Mine', url: urlOf({}), current: scope === 'mine' },
          { label: 'Everyone’s', url: urlOf(all), current: scope === 'all' },
        ]
      : [],
    isFirst,
    isCut,
    hasMore: Boolean(cursor),
    announcement: announce(typed, items.length, Boolean(cursor)),
  };
}

function announce(typed: string, count: number, hasMore: boolean): string {
  if (typed.trim() === '') return '';
  if (count === 0) return 'Nothing found.';
  return `${count}${hasMore ? ' and more' : ''} found.`;
}

function presentHit({ project, page, line, moreLines }: Hit, at: number, q: string, showsOwner: boolean) {
  const marked = new URLSearchParams({ q });
  const url = projectUrl(project);
  return {
    id: `hit-${at}`,
    url: page ? `${url}/pages/${page.id}?${marked}#found` : url,
    thumbnailUrl: page?.hasThumbnail === true ? `${url}/pages/${page.id}/thumbnail?r=${page.revision}` : '',
    line,
    isProject: !page,
    projectName: project.name,
    fileName: page ? sayFileName(page.fileName) : '',
    pageOfFile: page?.pageOfFile ? `, page ${page.pageOfFile}` : '',
    owner: showsOwner ? project.ownerName : '',
    more: moreLines === 0 ? '' : moreLines === 1 ? '1 more line' : `${moreLines} more lines`,
  };
}
