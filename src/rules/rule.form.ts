// What an administrator enters for a rule.
import * as z from 'zod';
import { exportFormats, isTranslatable } from '../exports/export.ts';
import { knownLanguages } from '../text/languages.ts';
import type { NewRule } from './rule.service.ts';
import type { TargetKind } from './rule.ts';

const text = (label: string, max = 200) =>
  z
    .string({ error: `Enter ${label}.` })
    .trim()
    .min(1, `Enter ${label}.`)
    .max(max, `Use ${max} characters or fewer for ${label}.`);
const folder = z
  .string()
  .trim()
  .max(400, 'Use 400 characters or fewer for the folder.')
  .refine((path) => !path.split('/').includes('..'), 'Leave “..” out of the folder.')
  .default('');
const secret = z.string({ error: 'Enter the secret.' }).min(1, 'Enter the secret.').max(20_000);

const common = z.object({
  name: text('a name', 80),
  format: z.enum(exportFormats, { error: 'Choose a format.' }),
  translateTo: z
    .enum(knownLanguages)
    .optional()
    .or(z.literal('').transform(() => undefined)),
});

const targets = (allowHttp: boolean) => ({
  s3: z
    .object({ bucket: text('a bucket'), prefix: folder })
    .transform((target) => ({ target, secret: undefined })),
  sftp: z
    .object({
      host: text('the server’s host name', 255).regex(/^[\w.:-]+$/, 'Enter a host name without sftp://.'),
      port: z.coerce.number('Enter a port from 1 to 65535.').int().min(1).max(65_535),
      user: text('a user name'),
      hostKey: text('the host key').regex(
        /^SHA256:[A-Za-z0-9+/]{43}$/,
        'Enter the host key’s fingerprint, which starts with SHA256: and has 43 more characters.',
      ),
      folder,
      secret,
    })
    .transform(({ secret: given, ...target }) => ({ target, secret: given.replaceAll('\r\n', '\n') })),
  webdav: z
    .object({
      url: z
        .url({
          protocol: allowHttp ? /^https?$/ : /^https$/,
          error: 'Enter a URL that starts with https://.',
        })
        .max(2000)
        .refine(
          (url) => !URL.canParse(url) || new URL(url).username + new URL(url).password === '',
          'Leave user name and password out of the URL.',
        ),
      user: text('a user name'),
      secret,
    })
    .transform(({ secret: given, ...target }) => ({ target, secret: given })),
  sharepoint: z
    .object({
      tenantId: text('the tenant ID').regex(/^[\w.-]+$/, 'Enter the tenant ID as Entra shows it.'),
      clientId: text('the client ID').regex(/^[\w-]+$/, 'Enter the client ID as Entra shows it.'),
      driveId: text('the drive ID').regex(/^[\w!-]+$/, 'Enter the drive ID as Graph shows it.'),
      folder,
      secret,
    })
    .transform(({ secret: given, ...target }) => ({ target, secret: given })),
});

/** The rule, or what to correct. `kind`: missing for a rule that only creates exports. */
export function parseRuleForm(
  body: unknown,
  { kind, allowHttp }: { kind: TargetKind | undefined; allowHttp: boolean },
): { rule: NewRule } | { error: string; field: string } {
  const named = common.safeParse(body ?? {});
  if (!named.success) return firstOf(named.error);
  const { translateTo, ...rest } = named.data;
  const rule: NewRule = {
    ...rest,
    ...(translateTo && isTranslatable(rest.format) ? { translateTo } : {}),
  };
  if (!kind) return { rule };
  const parsed = targets(allowHttp)[kind].safeParse(body ?? {});
  if (!parsed.success) return firstOf(parsed.error);
  const { target, secret: given } = parsed.data;
  return {
    rule: {
      ...rule,
      target: { kind, ...target } as NonNullable<NewRule['target']>,
      ...(given === undefined ? {} : { secret: given }),
    },
  };
}

function firstOf({ issues: [issue] }: z.ZodError) {
  return { error: issue?.message ?? 'Check what you entered.', field: String(issue?.path[0] ?? '') };
}
