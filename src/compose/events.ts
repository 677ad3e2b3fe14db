// What other systems are told, and by which webhooks.
import { createBusChannel } from '../events/bus.channel.ts';
import { createDeliveryService } from '../events/delivery.service.ts';
import { createEventService } from '../events/event.service.ts';
import type { Channels } from '../events/listener.ts';
import { createWebhookChannel } from '../events/webhook.channel.ts';
import { createWebhookService } from '../events/webhook.service.ts';
import { createWebhookSender } from '../events/webhook-sender.ts';
import { loadOnUse } from '../runtime/load-on-use.ts';
import type { Foundation } from './foundation.ts';
import type { SignIn } from './sign-in.ts';

export function composeEvents(foundation: Foundation, { policies, audit }: SignIn) {
  const { config, stores, metrics, logger, now } = foundation;
  const send = createWebhookSender(config.webhooks);
  const channels: Channels = {
    webhook: createWebhookChannel({ webhooks: stores.webhooks, send, now }),
    ...(config.aws.eventBridge.busName
      ? { bus: composeBus(foundation, config.aws.eventBridge.busName) }
      : {}),
  };
  const events = createEventService({
    events: stores.events,
    webhooks: stores.webhooks,
    channels,
    contents: stores.projectContents,
    projects: stores.projects,
    pages: stores.pages,
    imports: stores.imports,
    exports: stores.exports,
    now,
  });
  const delivery = createDeliveryService({
    events: stores.events,
    webhooks: stores.webhooks,
    channels,
    metrics,
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
  return { events, delivery, webhooks, channels };
}

/** The SDK's client is loaded with the first event. */
function composeBus({ config, clients, stores, inFlight }: Foundation, busName: string) {
  const { put } = loadOnUse(inFlight, async () => {
    const [{ createBusPutter }, { createEventBridge }] = await Promise.all([
      import('../events/bus.putter.ts'),
      import('../aws/event-bridge.client.ts'),
    ]);
    const eventBridge = clients.open(createEventBridge(config.aws));
    return { put: createBusPutter({ eventBridge, busName }) };
  });
  return createBusChannel({ buses: stores.buses, put });
}
