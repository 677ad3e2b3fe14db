import { Router } from 'express';
import { readQuery } from '../http/query.ts';
import { personOf } from '../http/request.ts';
import { searchQuery, toSearchAnswer } from './search.api.ts';
import type { SearchService } from './search.service.ts';

export function searchApiRoutes({ search }: { search: SearchService }) {
  const router = Router();

  router.get('/search', async (request, response) => {
    const query = readQuery(searchQuery, request.query);
    response.json(toSearchAnswer(await search.search(personOf(request), query)));
  });

  return router;
}
