import { type Request, type Response, Router } from 'express';
import * as z from 'zod';
import { personOf } from '../http/request.ts';
import { ulid } from '../ids.ts';
import { presentSignIn } from './access.presenter.ts';
import type { AccessService } from './access.service.ts';
import { presentExplanation } from './explanation.presenter.ts';
import type { Explanation } from './explanation.ts';

const query = z.object({ cursor: ulid.optional() });

const explainForm = z.object({
  provider: z.string().max(100).default(''),
  pasted: z
    .string('Paste a list of groups or a SAML response.')
    .trim()
    .min(1, 'Paste a list of groups or a SAML response.')
    .max(200_000, 'Use 200,000 characters or fewer.'),
});

const entriesShown = 50;

/** The sign-in diagnostics page. Testing a response changes nothing; it is a POST because of its size. */
export function accessRoutes({ access, now }: { access: AccessService; now: () => Date }) {
  const router = Router();

  async function show(
    request: Request,
    response: Response,
    tried: { provider?: string; pasted?: string; error?: string; explanation?: Explanation } = {},
  ) {
    const { cursor } = query.parse(request.query);
    const page = await access.latest(personOf(request), {
      limit: entriesShown,
      ...(cursor ? { cursor } : {}),
    });
    const providers = access.providersOf(personOf(request));
    response.status(tried.error ? 400 : 200).render('admin/access', {
      entries: page.items.map((entry) => presentSignIn(entry, providers, now())),
      nextUrl: page.cursor ? `/admin/access?cursor=${page.cursor}` : '',
      isFirstPage: !cursor,
      providers,
      form: { provider: tried.provider ?? '', pasted: tried.pasted ?? '', error: tried.error ?? '' },
      explanation: tried.explanation && presentExplanation(tried.explanation),
    });
  }

  router.get('/admin/access', (request, response) => show(request, response));

  router.post('/admin/access', async (request, response) => {
    const form = explainForm.safeParse(request.body ?? {});
    if (!form.success) return show(request, response, { error: form.error.issues[0]?.message ?? '' });
    const { provider, pasted } = form.data;
    const explanation = await access.explain(personOf(request), provider, pasted);
    await show(request, response, { provider, pasted, explanation });
  });

  return router;
}
