// Delivers events to webhooks: each at least once, those of a project in their order. A receiver that fails is tried again
// later, for about three days at growing distances and then once a day, and the events of that project wait meanwhile.
import type { Logger } from '../runtime/logger.ts';
import type { EventStore } from './event.store.ts';
import { type ProjectEvent, presentEvent } from './event.ts';
import type { WebhookStore } from './webhook.store.ts';
import { type Cursor, retryDelayMs, type Webhook } from './webhook.ts';
import type { SendWebhook } from './webhook-sender.ts';

interface Dependencies {
  events: Pick<EventStore, 'list' | 'find'>;
  webhooks: WebhookStore;
  send: SendWebhook;
  logger: Logger;
  now: () => Date;
}

const readAtOnce = 20;
const restMs = 30_000;
/** Paused webhooks are looked at again then. */
const pausedMs = 60 * 60_000;

export function createDeliveryService({ events, webhooks, send, logger, now }: Dependencies) {
  /** Receivers that have just failed: other projects do not wait for them, one after the other. */
  const resting = new Map<string, number>();

  /** One attempt, recorded. */
  async function attempt(webhook: Webhook, event: ProjectEvent): Promise<boolean> {
    const at = now();
    const body = JSON.stringify(presentEvent(event));
    const outcome = await send(webhook.url, webhook.secret, { id: event.id, at, body });
    const isDelivered = outcome.status !== undefined && outcome.status >= 200 && outcome.status < 300;
    const { id: eventId, type, projectId, number } = event;
    await webhooks.recordAttempt({
      webhookId: webhook.id,
      eventId,
      type,
      projectId,
      number,
      at: at.toISOString(),
      ...outcome,
    });
    if (!isDelivered)
      logger.warn({ webhookId: webhook.id, eventId, ...outcome }, 'could not deliver an event');
    return isDelivered;
  }

  return {
    /**
     * Delivers what a project has for a webhook. Does nothing while another process is at it. `isDue`: it is time for another
     * attempt after one that failed.
     */
    async deliver(place: Pick<Cursor, 'webhookId' | 'projectId'>, { isDue = false } = {}): Promise<void> {
      const cursor = await webhooks.claim(place, { isDue });
      if (!cursor) return;
      const restUntil = resting.get(cursor.webhookId) ?? 0;
      if (restUntil > now().getTime()) return webhooks.postpone(cursor, cursor.attempts, new Date(restUntil));
      const webhook = await webhooks.find(cursor.organisationId, cursor.webhookId);
      if (!webhook) return webhooks.forget(cursor);
      if (webhook.pausedAt)
        return webhooks.postpone(cursor, cursor.attempts, new Date(now().getTime() + pausedMs));
      let { leaseUntil, delivered } = cursor;
      const held = () => ({ ...cursor, leaseUntil });
      for (;;) {
        const waiting = await events.list(cursor.projectId, delivered, readAtOnce);
        if (waiting.length === 0) return webhooks.end(held());
        for (const event of waiting) {
          const isWanted = webhook.types.length === 0 || webhook.types.includes(event.type);
          if (isWanted && !(await attempt(webhook, event))) {
            resting.set(webhook.id, now().getTime() + restMs);
            const attempts = event.number === cursor.delivered + 1 ? cursor.attempts + 1 : 1;
            return webhooks.postpone(held(), attempts, new Date(now().getTime() + retryDelayMs(attempts)));
          }
          delivered = event.number;
          const prolonged = await webhooks.advance(held(), delivered);
          if (prolonged === undefined) return; // another process has taken it over
          leaseUntil = prolonged;
        }
      }
    },

    /** Sends one event once more, out of its order. */
    async sendAgain(
      webhook: Webhook,
      { projectId, number }: { projectId: string; number: number },
    ): Promise<boolean> {
      const event = await events.find(projectId, number);
      return event !== undefined && attempt(webhook, event);
    },
  };
}

export type DeliveryService = ReturnType<typeof createDeliveryService>;
