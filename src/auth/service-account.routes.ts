// The page on which administrators create and revoke service accounts.
import { type Response, Router } from 'express';
import * as z from 'zod';
import { isPaperliftError } from '../errors.ts';
import { personOf } from '../http/request.ts';
import { machineScopes } from '../people/service-account.ts';
import { hasVisibleText } from '../text/visible-text.ts';
import { presentServiceAccounts, type ServiceAccountPage } from './service-account.presenter.ts';
import type { ServiceAccountService } from './service-account.service.ts';

interface Dependencies {
  serviceAccounts: ServiceAccountService;
  publicUrl: string;
  /** Where tokens are requested; missing where it is not configured. */
  tokenUrl: string | undefined;
  now: () => Date;
}

const nameLimit = 100;
const name = z
  .string('Enter a name.')
  .transform((text) => text.normalize('NFC').trim())
  .pipe(
    z
      .string()
      .refine(hasVisibleText, 'Enter a name.')
      .refine((text) => [...text].length <= nameLimit, `Use ${nameLimit} characters or fewer.`)
      .refine(
        (text) => !/\p{Cc}/u.test(text) && text.isWellFormed(),
        'Remove control characters from the name.',
      ),
  );
const scopes = z
  .union([z.enum(machineScopes).array(), z.enum(machineScopes).transform((scope) => [scope])])
  .transform((chosen) => machineScopes.filter((scope) => chosen.includes(scope)));
const createForm = z.object({ name, scopes });
/** What was typed, to show it again. */
const typed = z.object({
  name: z.string().catch(''),
  scopes: z.union([z.array(z.string()), z.string().transform((one) => [one])]).catch([]),
});
const listQuery = z.object({ revoked: z.string().max(100).optional().catch(undefined) });

export function serviceAccountRoutes({ serviceAccounts, publicUrl, tokenUrl, now }: Dependencies) {
  const router = Router();
  const { isAvailable } = serviceAccounts;

  type Shown = Omit<ServiceAccountPage, 'isAvailable' | 'now' | 'publicUrl' | 'tokenUrl'>;
  const show = (response: Response, page: Shown) =>
    response.render(
      'admin/service-accounts',
      presentServiceAccounts({ ...page, isAvailable, publicUrl, tokenUrl, now: now() }),
    );

  router.get('/admin/service-accounts', async (request, response) => {
    const { revoked } = listQuery.parse(request.query);
    show(response, { accounts: await serviceAccounts.list(personOf(request)), revokedId: revoked });
  });

  router.post('/admin/service-accounts', async (request, response) => {
    const actor = personOf(request);
    const accounts = await serviceAccounts.list(actor);
    const refuse = (error: { field: 'name' | 'scopes'; message: string }) =>
      show(response.status(400), { accounts, form: { ...typed.parse(request.body ?? {}), error } });
    const parsed = createForm.safeParse(request.body ?? {});
    if (!parsed.success) {
      const { path, message } = parsed.error.issues[0] as z.core.$ZodIssue;
      if (path[0] === 'name') return refuse({ field: 'name', message });
      return refuse({ field: 'scopes', message: 'Select at least one scope.' });
    }
    try {
      // not redirected: the secret is in this answer alone
      const { account, secret } = await serviceAccounts.create(actor, parsed.data);
      const others = accounts.filter(({ id }) => id !== account.id);
      show(response, { accounts: [account, ...others], created: { account, secret } });
    } catch (error) {
      if (!isPaperliftError(error, 'name-taken')) throw error;
      refuse({ field: 'name', message: error.sentence });
    }
  });

  router.post('/admin/service-accounts/:accountId/revoke', async (request, response) => {
    const { id } = await serviceAccounts.revoke(personOf(request), request.params.accountId);
    response.redirect(303, `/admin/service-accounts?${new URLSearchParams({ revoked: id })}`);
  });

  return router;
}
