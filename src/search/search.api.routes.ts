import { Router } from 'express';
import { personOf } from '../http/request.ts';
import { searchQuery, toSearchAnswer } from './search.api.ts';
import type { SearchService } from './search.service.ts';

const hitsAtOnce = 20;

export function searchApiRoutes({ search }: { search: SearchService }) {
  const router = Router();

  router.get('/search', async (request, response) => {
    const query = searchQuery.parse(request.query);
    response.json(toSearchAnswer(await search.search(personOf(request), { ...query, limit: hitsAtOnce })));
  });

  return router;
}
