// Webhooks of an organisation, how far each has been told each project's events, and its latest attempts.
import { ulid as makeUlid } from 'ulid';
import type { Documents } from '../aws/clients.ts';
import { updateIf } from '../aws/conditions.ts';
import { shardKey } from '../aws/shards.ts';
import { createListenerStore } from './listener.store.ts';
import type { Listener, ListenerKind } from './listener.ts';
import type { Attempt, Cursor, Webhook } from './webhook.ts';

interface Dependencies {
  documents: Documents;
  table: string;
  now: () => Date;
}

const attemptsKeptMs = 30 * 24 * 60 * 60_000;
const cursorKey = ({ webhookId, projectId }: Pick<Cursor, 'webhookId' | 'projectId'>) => ({
  pk: `WEBHOOK#${webhookId}`,
  sk: `PROJECT#${projectId}`,
});
/** Longer than an attempt takes. */
const leaseMs = 60_000;

export function createWebhookStore({ documents, table, now }: Dependencies) {
  /** The next attempt is later. */
  async function postpone(cursor: Cursor & { leaseUntil: number }, attempts: number, dueAt: Date) {
    await updateIf(documents, {
      TableName: table,
      Key: cursorKey(cursor),
      UpdateExpression: 'SET attempts = :attempts, dueAt = :at REMOVE leaseUntil',
      ConditionExpression: 'leaseUntil = :lease',
      ExpressionAttributeValues: {
        ':attempts': attempts,
        ':at': dueAt.toISOString(),
        ':lease': cursor.leaseUntil,
      },
    });
  }

  return {
    ...createListenerStore<Webhook>({ documents, table, prefix: 'WEBHOOK' }),

    /** A project has events for a webhook or another listener: they are due now. `from`: the last that it is not told. */
    async announce(
      {
        id: webhookId,
        organisationId,
        kind,
      }: Pick<Listener, 'id' | 'organisationId'> & { kind: ListenerKind },
      projectId: string,
      from: number,
    ) {
      await documents.update({
        TableName: table,
        Key: cursorKey({ webhookId, projectId }),
        UpdateExpression:
          'SET webhookId = :webhook, kind = :kind, organisationId = :organisation, projectId = :project, delivered = if_not_exists(delivered, :from), attempts = if_not_exists(attempts, :zero), dueKey = :due, dueAt = if_not_exists(dueAt, :now) ADD announced :one',
        ExpressionAttributeValues: {
          ':webhook': webhookId,
          ':kind': kind,
          ':organisation': organisationId,
          ':project': projectId,
          ':from': from,
          ':zero': 0,
          ':due': shardKey('WEBHOOK', `${webhookId} ${projectId}`),
          ':now': now().toISOString(),
          ':one': 1,
        },
      });
    },

    /** How far a listener has been told a project's events. `undefined`: not yet. */
    async findCursor(place: Pick<Cursor, 'webhookId' | 'projectId'>): Promise<Cursor | undefined> {
      const { Item } = await documents.get({ TableName: table, Key: cursorKey(place), ConsistentRead: true });
      return Item as Cursor | undefined;
    },

    /**
     * Takes the deliveries of a project to a webhook over. `undefined`: another process is at it, or, unless it is due, the
     * last attempt failed.
     */
    async claim(place: Pick<Cursor, 'webhookId' | 'projectId'>, { isDue }: { isDue: boolean }) {
      const time = now().getTime();
      const isFree = 'attribute_exists(dueKey) AND (attribute_not_exists(leaseUntil) OR leaseUntil <= :now)';
      const claimed = await updateIf(documents, {
        TableName: table,
        Key: cursorKey(place),
        UpdateExpression: 'SET leaseUntil = :until',
        ConditionExpression: isDue ? isFree : `${isFree} AND attempts = :none`,
        ExpressionAttributeValues: {
          ':now': time,
          ':until': time + leaseMs,
          ...(isDue ? {} : { ':none': 0 }),
        },
        ReturnValues: 'ALL_NEW',
      });
      return claimed as unknown as (Cursor & { announced: number; leaseUntil: number }) | undefined;
    },

    /** Notes what was delivered while the lease is held, and prolongs it. Returns until when, or `undefined` where another process has it. */
    async advance(cursor: Cursor & { leaseUntil: number }, delivered: number): Promise<number | undefined> {
      const until = now().getTime() + leaseMs;
      const changed = await updateIf(documents, {
        TableName: table,
        Key: cursorKey(cursor),
        UpdateExpression: 'SET delivered = :delivered, attempts = :zero, leaseUntil = :until',
        ConditionExpression: 'leaseUntil = :lease',
        ExpressionAttributeValues: {
          ':delivered': delivered,
          ':zero': 0,
          ':until': until,
          ':lease': cursor.leaseUntil,
        },
      });
      return changed && until;
    },

    postpone,

    /** Everything is delivered, unless more was announced meanwhile. */
    async end(cursor: Cursor & { leaseUntil: number; announced: number }) {
      const ended = await updateIf(documents, {
        TableName: table,
        Key: cursorKey(cursor),
        UpdateExpression: 'REMOVE dueKey, dueAt, leaseUntil',
        ConditionExpression: 'leaseUntil = :lease AND announced = :announced',
        ExpressionAttributeValues: { ':lease': cursor.leaseUntil, ':announced': cursor.announced },
      });
      if (!ended) await postpone(cursor, 0, now());
    },

    /** Forgets a cursor whose webhook is gone. */
    async forget(place: Pick<Cursor, 'webhookId' | 'projectId'>) {
      await documents.delete({ TableName: table, Key: cursorKey(place) });
    },

    async recordAttempt(attempt: Omit<Attempt, 'id'>) {
      const at = now().getTime();
      const id = makeUlid(at);
      await documents.put({
        TableName: table,
        Item: {
          pk: `WEBHOOK#${attempt.webhookId}`,
          sk: `ATTEMPT#${id}`,
          id,
          ...attempt,
          expiresAt: Math.ceil((at + attemptsKeptMs) / 1000),
        },
      });
    },

    /** The latest attempts first. `before`: the id of the last one seen. */
    async listAttempts(webhookId: string, { limit, before }: { limit: number; before?: string | undefined }) {
      const { Items = [] } = await documents.query({
        TableName: table,
        KeyConditionExpression: 'pk = :pk AND sk BETWEEN :first AND :last',
        ExpressionAttributeValues: {
          ':pk': `WEBHOOK#${webhookId}`,
          ':first': 'ATTEMPT#',
          ':last': before ? `ATTEMPT#${before}` : 'ATTEMPT#~',
        },
        ScanIndexForward: false,
        Limit: limit + 2,
      });
      const items = (Items as unknown as Attempt[]).filter(({ id }) => id !== before);
      return { items: items.slice(0, limit), isMore: items.length > limit };
    },
  };
}

export type WebhookStore = ReturnType<typeof createWebhookStore>;
