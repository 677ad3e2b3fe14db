// Rules: what happens on their own when all pages of a project are ready, and where files then go.
import type { DeliveryService } from '../events/delivery.service.ts';
import type { EventService } from '../events/event.service.ts';
import type { ExportService } from '../exports/export.service.ts';
import type { Push } from '../rules/file-to-push.ts';
import { createRuleChannel } from '../rules/rule.channel.ts';
import { createRuleService } from '../rules/rule.service.ts';
import type { TargetKind } from '../rules/rule.ts';
import { loadOnUse } from '../runtime/load-on-use.ts';
import type { Foundation } from './foundation.ts';
import type { SignIn } from './sign-in.ts';

interface Given {
  exports: ExportService;
  events: EventService;
  delivery: DeliveryService;
}

export function composeRules(
  foundation: Foundation,
  { policies, audit }: SignIn,
  { exports, events, delivery }: Given,
) {
  const { config, stores, now } = foundation;
  const bucketsOf = (organisationId: string) => config.rules.buckets[organisationId] ?? [];
  const pushes = composePushes(foundation, bucketsOf);
  return {
    channel: createRuleChannel({ rules: stores.rules, exports, pushes, audit }),
    rules: createRuleService({
      rules: stores.rules,
      attempts: stores.webhooks,
      delivery,
      events,
      pushes,
      bucketsOf,
      policies,
      audit,
      now,
    }),
  };
}

/** Each is loaded with the first file. */
function composePushes(
  { config, clients, inFlight }: Foundation,
  bucketsOf: (organisationId: string) => readonly string[],
): Record<TargetKind, Push> {
  const { allowPrivate } = config.webhooks;
  const { graphUrl, loginUrl } = config.rules;
  const lazily = (load: () => Promise<Push>): Push =>
    loadOnUse(inFlight, async () => ({ push: await load() })).push;
  const loadRequest = async () =>
    (await import('../rules/guarded-request.ts')).createGuardedRequest({ allowPrivate });
  return {
    s3: lazily(async () => (await import('../rules/s3.push.ts')).createS3Push({ s3: clients.s3, bucketsOf })),
    sftp: lazily(async () => (await import('../rules/sftp.push.ts')).createSftpPush({ allowPrivate })),
    webdav: lazily(async () =>
      (await import('../rules/webdav.push.ts')).createWebdavPush({ request: await loadRequest() }),
    ),
    sharepoint: lazily(async () =>
      (await import('../rules/sharepoint.push.ts')).createSharepointPush({
        request: await loadRequest(),
        graphUrl,
        loginUrl,
      }),
    ),
  };
}
