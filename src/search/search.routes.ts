import { Router } from 'express';
import { isPaperliftError } from '../errors.ts';
import { readQuery } from '../http/query.ts';
import { personOf } from '../http/request.ts';
import type { Policies } from '../people/policies.ts';
import { searchQuery } from './search.api.ts';
import { presentSearch } from './search.presenter.ts';
import type { SearchService } from './search.service.ts';

const hitsOnPage = 20;
const hitsInList = 7;

interface Dependencies {
  search: SearchService;
  policies: Policies;
}

/** The search page. `part=list` is the list under the search box. */
export function searchRoutes({ search, policies }: Dependencies) {
  const router = Router();

  router.get('/search', async (request, response) => {
    const person = personOf(request);
    const { q, scope, cursor, part } = request.query;
    const query = readQuery(searchQuery, { q, scope, cursor });
    const isList = part === 'list';
    const found = search.search(person, {
      ...query,
      limit: isList ? hitsInList : hitsOnPage,
      counts: !isList && !query.cursor,
    });
    const result = await (isList ? found : found.catch(showUnavailable));
    if ('unavailable' in result)
      response.status(503).set({ 'Retry-After': String(result.unavailable.retryAfterSeconds ?? 30) });
    const model = presentSearch({
      ...result,
      q: query.q,
      scope: query.scope,
      mayListAll: policies.may(person, 'projects.list-all'),
      isFirst: !query.cursor,
    });
    response.render(isList ? 'search/list' : 'search/show', model);
  });

  return router;
}

/** The page keeps the box with the query in it. */
function showUnavailable(error: unknown) {
  if (!isPaperliftError(error, 'search-unavailable')) throw error;
  return { items: [], isCut: false, unavailable: error };
}
