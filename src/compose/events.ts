// What other systems are told, and by which webhooks.
import { createDeliveryService } from '../events/delivery.service.ts';
import { createEventService } from '../events/event.service.ts';
import { createWebhookService } from '../events/webhook.service.ts';
import { createWebhookSender } from '../events/webhook-sender.ts';
import type { Foundation } from './foundation.ts';
import type { SignIn } from './sign-in.ts';

export function composeEvents({ config, stores, logger, now }: Foundation, { policies, audit }: SignIn) {
  const events = createEventService({
    events: stores.events,
    webhooks: stores.webhooks,
    contents: stores.projectContents,
    projects: stores.projects,
    pages: stores.pages,
    imports: stores.imports,
    exports: stores.exports,
    now,
  });
  const send = createWebhookSender(config.webhooks);
  const delivery = createDeliveryService({
    events: stores.events,
    webhooks: stores.webhooks,
    send,
    logger,
    now,
  });
  const webhooks = createWebhookService({
    webhooks: stores.webhooks,
    delivery,
    events,
    send,
    policies,
    audit,
    now,
  });
  return { events, delivery, webhooks };
}
