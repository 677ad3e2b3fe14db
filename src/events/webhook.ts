import type { EventType } from './event.ts';
import type { ListenerKind } from './listener.ts';

/** An address of another system that is told events of an organisation. */
export interface Webhook {
  id: string;
  organisationId: string;
  url: string;
  /** Those it is told; all when empty. */
  types: EventType[];
  /** `whsec_…`: signs what is sent (Standard Webhooks). */
  secret: string;
  createdAt: string;
  createdBy: string;
  /** Nothing is sent; events wait. */
  pausedAt?: string;
}

/** How far a webhook or another listener has been told a project's events. */
export interface Cursor {
  webhookId: string;
  /** Missing: a webhook. */
  kind?: ListenerKind;
  organisationId: string;
  projectId: string;
  /** The number of the last event that was delivered, or that it is not told. */
  delivered: number;
  /** Failed attempts to deliver the next one. */
  attempts: number;
}

/** One attempt to deliver an event. */
export interface Attempt {
  id: string;
  webhookId: string;
  eventId: string;
  type: EventType;
  projectId: string;
  number: number;
  /** ISO 8601. */
  at: string;
  ms: number;
  /** Of the answer; missing when there was none. */
  status?: number;
  /** Why it failed. */
  error?: string;
  /** What was done, where it was no request. */
  note?: string;
}

/** When the next attempt is, after so many failures: the schedule that Standard Webhooks recommends, about three days in all. */
const delays = [5, 300, 1800, 7200, 18_000, 36_000, 50_400, 72_000, 86_400];
export const retryDelayMs = (attempts: number): number => (delays[attempts - 1] ?? 86_400) * 1000;
