// The deployment's event bus in Amazon EventBridge is told every event of every organisation.
import type { PutOnBus } from './bus.putter.ts';
import type { BusStore } from './bus.store.ts';
import { type ProjectEvent, presentEvent } from './event.ts';
import type { Channel, Listener } from './listener.ts';

interface Dependencies {
  buses: BusStore;
  put: PutOnBus;
}

/** The limit of PutEvents: https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutEvents.html */
const maxEntries = 10;

export function createBusChannel({ buses, put }: Dependencies): Channel<Listener> {
  return {
    list: async (organisationId) => [await buses.ensure(organisationId)],
    find: async (organisationId) => buses.ensure(organisationId),
    batch: maxEntries,
    send: (_bus, events) => put(events.map(toEntry)),
  };
}

/** What a rule of EventBridge sees. Paperlift's id comes first, by which a receiver knows repeats. */
function toEntry(event: ProjectEvent) {
  const { type, timestamp, data } = presentEvent(event);
  const organisation = { id: event.organisationId };
  return {
    type,
    time: new Date(timestamp),
    detail: JSON.stringify({ id: event.id, organisation, ...data }),
  };
}
