import { Router } from 'express';
import { personOf } from '../http/request.ts';
import { toAllowanceAnswer } from '../pages/page.api.ts';
import type { PageAllowance } from './page-allowance.store.ts';

export function allowanceApiRoutes({ allowance }: { allowance: Pick<PageAllowance, 'view'> }) {
  const router = Router();
  router.get('/page-allowance', async (request, response) => {
    response.json(toAllowanceAnswer(await allowance.view(personOf(request).id)));
  });
  return router;
}
