// Rates that count for all instances: one item for each limited kind and key. Ours rather than
// rate-limiter-flexible's: docs/decisions/0051-shared-rate-limits.md.
import { createHash } from 'node:crypto';
import type { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb';
import type { Documents } from './clients.ts';

interface Dependencies {
  documents: Documents;
  table: string;
  now: () => Date;
}

export interface RateRequest {
  /** What is limited, and for whom. */
  kind: string;
  key: string;
  perMinute: number;
  count: number;
}

/** Keys whose state this process remembers, to know which of the two updates below is likely to succeed. */
const maxKnown = 10_000;
const minuteMs = 60_000;
/**
 * No bucket is full later than a minute from now, by any instance's clock. What says more, allowing a minute between
 * clocks, was written by a clock that is ahead, and is ignored.
 */
const maxAheadMs = 2 * minuteMs;

/**
 * A token bucket as one number, `usedUntil`: the time at which the bucket is full again (the generic cell rate
 * algorithm, ATM Forum TM 4.0, 4.4.2). Taking tokens moves it on by their share of a minute; it may be a minute ahead.
 */
export function createSharedRates({ documents, table, now }: Dependencies) {
  const known = new Map<string, number>();

  /** A repeated request whose first answer was lost counts twice. That is accepted: it costs its sender one token. */
  async function update(
    pk: string,
    expression: string,
    condition: string,
    values: Record<string, number>,
  ): Promise<{ usedUntil?: number; isTaken: boolean }> {
    try {
      const { Attributes } = await documents.update({
        TableName: table,
        Key: { pk, sk: 'RATE' },
        UpdateExpression: `SET usedUntil = ${expression}, expiresAt = :expiresAt`,
        ConditionExpression: condition,
        ExpressionAttributeValues: values,
        ReturnValues: 'UPDATED_NEW',
        ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
      });
      return { usedUntil: Number(Attributes?.usedUntil), isTaken: true };
    } catch (error) {
      const { name, Item } = error as ConditionalCheckFailedException;
      if (name !== 'ConditionalCheckFailedException') throw error;
      const found = Item?.usedUntil?.N; // not every engine returns the item
      return { ...(found ? { usedUntil: Number(found) } : {}), isTaken: false };
    }
  }

  async function claim({ kind, key, perMinute, count }: RateRequest) {
    // hashed, because a key may be an IP address, which is personal data
    const pk = `RATE#${kind}#${createHash('sha256').update(key).digest('base64url')}`;
    const at = now().getTime();
    const cost = Math.ceil((Math.min(count, perMinute) * minuteMs) / perMinute);
    const expiresAt = Math.ceil((at + 2 * minuteMs) / 1000);
    const latest = at + minuteMs - cost;
    const furthest = at + maxAheadMs;
    const isOver = (usedUntil?: number) =>
      usedUntil !== undefined && usedUntil > latest && usedUntil <= furthest;
    const whenFull = 'attribute_not_exists(usedUntil) OR usedUntil < :now OR usedUntil > :furthest';
    const whenEnoughLeft = 'usedUntil >= :now AND usedUntil <= :latest';
    const start = () =>
      update(pk, ':until', whenFull, {
        ':until': at + cost,
        ':now': at,
        ':furthest': furthest,
        ':expiresAt': expiresAt,
      });
    const add = () =>
      update(pk, 'usedUntil + :cost', whenEnoughLeft, {
        ':cost': cost,
        ':now': at,
        ':latest': latest,
        ':expiresAt': expiresAt,
      });
    const last = known.get(pk) ?? 0;
    const [first, second] = last >= at && last <= furthest ? [add, start] : [start, add];
    let result = await first();
    if (!result.isTaken && !isOver(result.usedUntil)) result = await second();
    const usedUntil = result.usedUntil ?? at + minuteMs;
    known.delete(pk); // delete and set move the key to the end: the first is the least recently used
    known.set(pk, usedUntil);
    if (known.size > maxKnown) known.delete(known.keys().next().value as string);
    return {
      isTaken: result.isTaken,
      waitMs: Math.max(1, usedUntil - latest),
      aheadMs: usedUntil - cost - at,
    };
  }

  return {
    /** Takes tokens. Returns how many milliseconds to wait until they are available; 0: taken. */
    async take(asked: RateRequest): Promise<number> {
      const { isTaken, waitMs } = await claim(asked);
      return isTaken ? 0 : waitMs;
    },

    /**
     * Reserves the next free moment at this rate, without a burst. Returns in how many milliseconds it is. `undefined`:
     * the next minute is reserved.
     */
    async reserve(asked: Omit<RateRequest, 'count'>): Promise<number | undefined> {
      const { isTaken, aheadMs } = await claim({ ...asked, count: 1 });
      return isTaken ? Math.max(0, aheadMs) : undefined;
    },
  };
}

export type SharedRates = ReturnType<typeof createSharedRates>;
