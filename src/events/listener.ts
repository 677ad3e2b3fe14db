import type { EventType, ProjectEvent } from './event.ts';

/** Who is told events of an organisation: a webhook, the deployment's event bus, or a rule that acts on them. */
export interface Listener {
  id: string;
  organisationId: string;
  /** Those it is told; all when empty. */
  types: readonly EventType[];
  createdAt: string;
  /** Nothing is sent; events wait. */
  pausedAt?: string;
}

export type ListenerKind = 'webhook' | 'bus' | 'rule';

/** How an event was taken. `error` or a status that is not 2xx: it was not. */
export interface Outcome {
  status?: number;
  error?: string;
  /** It failed, and another attempt would not help. */
  isFinal?: true;
  /** What was done, for people. */
  note?: string;
  ms: number;
}

/** Whether the next event's turn has come. */
export const isSettled = (outcome: Outcome): boolean => isDelivered(outcome) || outcome.isFinal === true;

export const isDelivered = ({ status, error }: Pick<Outcome, 'status' | 'error'>): boolean =>
  error === undefined && (status === undefined || (status >= 200 && status < 300));

/** A way to tell listeners of one kind. */
export interface Channel<L extends Listener = Listener> {
  list(organisationId: string): Promise<L[]>;
  find(organisationId: string, id: string): Promise<L | undefined>;
  /** Sends events in their order: an outcome for each. Never rejects for what the receiver does. */
  send(listener: L, events: ProjectEvent[]): Promise<Outcome[]>;
  /** How many events are sent at once. */
  batch: number;
}

// biome-ignore lint/suspicious/noExplicitAny: each channel has listeners of its own
export type Channels = Partial<Record<ListenerKind, Channel<any>>>;
