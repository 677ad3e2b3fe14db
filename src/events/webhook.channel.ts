import { type ProjectEvent, presentEvent } from './event.ts';
import type { Channel } from './listener.ts';
import type { WebhookStore } from './webhook.store.ts';
import type { Webhook } from './webhook.ts';
import type { SendWebhook } from './webhook-sender.ts';

interface Dependencies {
  webhooks: Pick<WebhookStore, 'list' | 'find'>;
  send: SendWebhook;
  now: () => Date;
}

/** One request for each event. */
export function createWebhookChannel({ webhooks, send, now }: Dependencies): Channel<Webhook> {
  return {
    list: webhooks.list,
    find: webhooks.find,
    batch: 1,
    send: ({ url, secret }: Webhook, events: ProjectEvent[]) =>
      Promise.all(
        events.map((event) =>
          send(url, secret, { id: event.id, at: now(), body: JSON.stringify(presentEvent(event)) }),
        ),
      ),
  };
}
