import { type EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import type { Outcome } from './listener.ts';

interface Entry {
  type: string;
  time: Date;
  /** JSON. */
  detail: string;
}

/** Puts events on a bus: an outcome for each, since EventBridge may take some and not others. */
export function createBusPutter({
  eventBridge,
  busName,
}: {
  eventBridge: Pick<EventBridgeClient, 'send'>;
  busName: string;
}) {
  return async (entries: Entry[]): Promise<Outcome[]> => {
    const startedAt = performance.now();
    const ms = () => Math.round(performance.now() - startedAt);
    try {
      const answer = await eventBridge.send(
        new PutEventsCommand({
          Entries: entries.map(({ type, time, detail }) => ({
            EventBusName: busName,
            Source: 'paperlift',
            DetailType: type,
            Time: time,
            Detail: detail,
          })),
        }),
      );
      return entries.map((_, index) => {
        const { EventId, ErrorCode = 'Unknown', ErrorMessage = '' } = answer.Entries?.[index] ?? {};
        return EventId ? { ms: ms() } : { error: `${ErrorCode} ${ErrorMessage}`.trim(), ms: ms() };
      });
    } catch (error) {
      const { name, message } = error as Error;
      return entries.map(() => ({ error: `${name} ${message}`, ms: ms() }));
    }
  };
}

export type PutOnBus = ReturnType<typeof createBusPutter>;
