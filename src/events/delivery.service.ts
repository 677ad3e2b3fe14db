// Delivers events to webhooks, the event bus and rules: each at least once, those of a project in their order. A receiver that fails
// is tried again later, for about three days at growing distances and then once a day, and the events of that project wait meanwhile.
import type { Logger } from '../runtime/logger.ts';
import type { Metrics } from '../runtime/metrics.ts';
import { inSpan } from '../runtime/trace.ts';
import type { EventStore } from './event.store.ts';
import type { ProjectEvent } from './event.ts';
import {
  type Channel,
  type Channels,
  isDelivered,
  isSettled,
  type Listener,
  type ListenerKind,
  type Outcome,
} from './listener.ts';
import type { WebhookStore } from './webhook.store.ts';
import { type Cursor, retryDelayMs } from './webhook.ts';

interface Dependencies {
  events: Pick<EventStore, 'list' | 'find'>;
  webhooks: WebhookStore;
  channels: Channels;
  metrics: Metrics;
  logger: Logger;
  now: () => Date;
}

const readAtOnce = 20;
const restMs = 30_000;
/** A third of the lease. */
const renewMs = 20_000;
/** Paused listeners are looked at again then. */
const pausedMs = 60 * 60_000;

export function createDeliveryService(dependencies: Dependencies) {
  const { events, webhooks, channels, metrics, logger, now } = dependencies;
  /** Receivers that have just failed: other projects do not wait for them, one after the other. */
  const resting = new Map<string, number>();

  /** One attempt for events in their order, recorded. Returns how many were delivered before one was not. */
  async function attempt(
    kind: ListenerKind,
    channel: Channel,
    listener: Listener,
    list: ProjectEvent[],
  ): Promise<number> {
    const at = now().toISOString();
    const options = { kind: 'producer' as const, attributes: { channel: kind, events: list.length } };
    const outcomes = await inSpan('deliver events', () => channel.send(listener, list), options);
    let delivered = 0;
    for (const [index, event] of list.entries()) {
      const outcome = outcomes[index] ?? { error: 'no answer', ms: 0 };
      const isOk = isDelivered(outcome);
      const { id: eventId, type, projectId, number } = event;
      metrics.count('paperlift_deliveries_total', { kind, outcome: isOk ? 'delivered' : 'failed' });
      // no one looks at the bus's attempts here: the log has those that failed
      if (kind !== 'bus')
        await webhooks.recordAttempt({
          webhookId: listener.id,
          eventId,
          type,
          projectId,
          number,
          at,
          ...withoutFinal(outcome),
        });
      if (isSettled(outcome) && delivered === index) delivered += 1;
      if (isOk) continue;
      const alarm = /^AccessDenied/.test(outcome.error ?? '');
      const detail = { kind, webhookId: listener.id, eventId, ...outcome, ...(alarm ? { alarm } : {}) };
      logger[alarm ? 'error' : 'warn'](detail, 'could not deliver an event');
    }
    return delivered;
  }

  const isWantedBy =
    ({ types }: Listener) =>
    ({ type }: ProjectEvent) =>
      types.length === 0 || types.includes(type);

  return {
    /**
     * Delivers what a project has for a listener. Does nothing while another process is at it. `isDue`: it is time for another
     * attempt after one that failed.
     */
    async deliver(place: Pick<Cursor, 'webhookId' | 'projectId'>, { isDue = false } = {}): Promise<void> {
      const cursor = await webhooks.claim(place, { isDue });
      if (!cursor) return;
      const restUntil = resting.get(cursor.webhookId) ?? 0;
      if (restUntil > now().getTime()) return webhooks.postpone(cursor, cursor.attempts, new Date(restUntil));
      const kind = cursor.kind ?? 'webhook';
      const channel = channels[kind];
      const listener = await channel?.find(cursor.organisationId, cursor.webhookId);
      if (!channel || !listener) return webhooks.forget(cursor);
      if (listener.pausedAt)
        return webhooks.postpone(cursor, cursor.attempts, new Date(now().getTime() + pausedMs));
      let { leaseUntil, delivered } = cursor;
      const held = () => ({ ...cursor, leaseUntil });
      const isWanted = isWantedBy(listener);
      for (;;) {
        const waiting = await events.list(cursor.projectId, delivered, readAtOnce);
        if (waiting.length === 0) return webhooks.end(held());
        for (const part of inParts(waiting, channel.batch)) {
          const wanted = part.filter(isWanted);
          const renewal = keepRenewing(async () => {
            const until = await webhooks.advance(held(), delivered);
            if (until !== undefined) leaseUntil = until;
          });
          const count =
            wanted.length === 0 ? 0 : await attempt(kind, channel, listener, wanted).finally(renewal.stop);
          await renewal.stop();
          const failed = wanted[count];
          // up to the one that failed, or all
          const last = failed ? failed.number - 1 : (part.at(-1)?.number ?? delivered);
          if (last > delivered) {
            delivered = last;
            const prolonged = await webhooks.advance(held(), delivered);
            if (prolonged === undefined) return; // another process has taken it over
            leaseUntil = prolonged;
          }
          if (!failed) continue;
          resting.set(listener.id, now().getTime() + restMs);
          const attempts = failed.number === cursor.delivered + 1 ? cursor.attempts + 1 : 1;
          return webhooks.postpone(held(), attempts, new Date(now().getTime() + retryDelayMs(attempts)));
        }
      }
    },

    /** Sends one event of the listener's organisation once more, out of its order. */
    async sendAgain(
      kind: ListenerKind,
      listener: Listener,
      { projectId, number }: { projectId: string; number: number },
    ): Promise<boolean> {
      const [event, channel] = [await events.find(projectId, number), channels[kind]];
      return (
        // the project's id comes from a form: it may be one of another organisation
        event?.organisationId === listener.organisationId &&
        channel !== undefined &&
        (await attempt(kind, channel, listener, [event])) === 1
      );
    },
  };
}

export type DeliveryService = ReturnType<typeof createDeliveryService>;

const withoutFinal = ({ isFinal: _, ...outcome }: Outcome): Outcome => outcome;

/** Sending a file may take longer than the lease. `stop` waits for a renewal under way. */
function keepRenewing(renew: () => Promise<void>) {
  let renewing = Promise.resolve();
  const timer = setInterval(() => {
    renewing = renewing.then(renew).catch(() => {});
  }, renewMs);
  return {
    stop: () => {
      clearInterval(timer);
      return renewing;
    },
  };
}

function inParts<T>(list: T[], size: number): T[][] {
  return Array.from({ length: Math.ceil(list.length / size) }, (_, at) =>
    list.slice(at * size, (at + 1) * size),
  );
}
