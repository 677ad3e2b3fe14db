// Lets at most one worker at a time work on an item: a lease, and a fence against workers whose lease has expired.
// Used by pages, exports and imports. An item that is not final also has a due time, by which the sweeper finds lost
// work.
import { ulid as makeUlid } from 'ulid';
import type { Documents } from '../aws/clients.ts';
import { updateIf } from '../aws/conditions.ts';

interface Dependencies {
  documents: Documents;
  table: string;
  leaseMs: number;
  now: () => Date;
}

interface Key {
  pk: string;
  sk: string;
}

/** Identifies one attempt by one worker. Every write of that attempt is conditional on it. */
export interface Lease {
  owner: string;
  attempt: number;
}

/** What has to be true of an item, apart from the lease, for it to be finished. */
export interface FinishCondition {
  condition: string;
  names: Record<string, string>;
  values: Attributes;
}

type Attributes = Record<string, unknown>;

export type Claim<Item = Attributes> =
  | { outcome: 'claimed'; item: Item; lease: Lease; tries: number }
  | { outcome: 'leased'; leaseUntil: Date }
  | { outcome: 'over' };

export function createLeasedItems({ documents, table, leaseMs, now }: Dependencies) {
  const inMs = (ms: number) => new Date(now().getTime() + ms).toISOString();

  /** Builds an update expression. Placeholders avoid conflicts with reserved words. */
  function change(set: Attributes, remove: string[] = []) {
    const given = Object.entries(set).filter(([, value]) => value !== undefined);
    const names = [...given.map(([name]) => name), ...remove];
    const setting = given.map(([name]) => `#${name} = :${name}`).join(', ');
    const removing = remove.map((name) => `#${name}`).join(', ');
    return {
      UpdateExpression: `${setting && `SET ${setting}`} ${removing && `REMOVE ${removing}`}`.trim(),
      ExpressionAttributeNames: Object.fromEntries(names.map((name) => [`#${name}`, name])),
      ExpressionAttributeValues: Object.fromEntries(given.map(([name, value]) => [`:${name}`, value])),
    };
  }

  async function updateFenced(
    key: Key,
    lease: Lease,
    set: Attributes,
    remove: string[] = [],
    onlyIf?: FinishCondition,
  ): Promise<boolean> {
    const update = change(set, remove);
    const leaseIsStillOurs = '#leaseOwner = :owner AND #attempt = :attempt'; // fences off a worker whose lease ran out
    const written = await updateIf(
      documents,
      {
        TableName: table,
        Key: key,
        ...update,
        ConditionExpression: onlyIf ? `${leaseIsStillOurs} AND ${onlyIf.condition}` : leaseIsStillOurs,
        ExpressionAttributeNames: {
          ...update.ExpressionAttributeNames,
          ...onlyIf?.names,
          '#leaseOwner': 'leaseOwner',
          '#attempt': 'attempt',
        },
        ExpressionAttributeValues: {
          ...update.ExpressionAttributeValues,
          ...onlyIf?.values,
          ':owner': lease.owner,
          ':attempt': lease.attempt,
        },
      },
      // someone may have moved the page since it was finished or released
      (item) =>
        item.attempt === lease.attempt &&
        item.leaseOwner === undefined &&
        item.lastOwner === lease.owner &&
        item.status === set.status,
    );
    return written !== undefined;
  }

  return {
    /**
     * Claims an item with one conditional update. The item must have no lease or an expired one, be of the given
     * revision, and be neither final nor deleted. Each claim has a unique owner, so that a claim whose answer was lost
     * is recognised.
     */
    async claim<Item = Attributes>(
      key: Key,
      workerId: string,
      job: { revision?: number; finalStatuses: readonly string[]; status: string },
    ): Promise<Claim<Item>> {
      const owner = `${workerId}/${makeUlid(now().getTime())}`;
      const free =
        'attribute_exists(pk) AND attribute_not_exists(deletedAt) AND NOT (#status IN (:final0, :final1)) AND (attribute_not_exists(leaseUntil) OR leaseUntil < :now)';
      const claimed = await updateIf(documents, {
        TableName: table,
        Key: key,
        UpdateExpression:
          'SET leaseOwner = :owner, lastOwner = :owner, leaseUntil = :until, dueAt = :dueAt, #status = :status, updatedAt = :now ADD attempt :one, tries :one',
        ConditionExpression: job.revision === undefined ? free : `${free} AND revision = :revision`,
        ExpressionAttributeNames: { '#status': 'status' },
        ExpressionAttributeValues: {
          ':owner': owner,
          ':until': inMs(leaseMs),
          ':dueAt': inMs(leaseMs * 1.2),
          ':status': job.status,
          ':now': now().toISOString(),
          ':one': 1,
          ':final0': job.finalStatuses[0],
          ':final1': job.finalStatuses[1],
          ...(job.revision === undefined ? {} : { ':revision': job.revision }),
        },
        ReturnValues: 'ALL_NEW',
      });
      const claimedAs = (item: Attributes): Claim<Item> => ({
        outcome: 'claimed',
        item: item as Item,
        lease: { owner, attempt: Number(item.attempt) },
        tries: Number(item.tries),
      });
      if (claimed) return claimedAs(claimed);
      const { Item } = await documents.get({ TableName: table, Key: key, ConsistentRead: true });
      if (Item?.leaseOwner === owner) return claimedAs(Item);
      const isOver =
        !Item ||
        Item.deletedAt !== undefined ||
        job.finalStatuses.includes(Item.status) ||
        (job.revision !== undefined && Item.revision !== job.revision);
      return isOver ? { outcome: 'over' } : { outcome: 'leased', leaseUntil: new Date(Item.leaseUntil ?? 0) };
    },

    /** Records progress and renews the lease. `false`: the lease was lost, or the item is gone. */
    progress: (key: Key, lease: Lease, set: Attributes) =>
      updateFenced(key, lease, {
        ...set,
        leaseUntil: inMs(leaseMs),
        dueAt: inMs(leaseMs * 1.2),
        // renewing a lease alone changes nothing that people see
        ...(Object.keys(set).length > 0 ? { updatedAt: now().toISOString() } : {}),
      }),

    /** Writes the final state. `false`: the lease was lost, so what this attempt stored must be deleted. */
    finish(key: Key, lease: Lease, set: Attributes, remove: string[] = [], onlyIf?: FinishCondition) {
      const gone = ['leaseOwner', 'leaseUntil', 'dueKey', 'dueAt', ...remove].filter(
        (name) => !(name in set),
      );
      return updateFenced(key, lease, { ...set, updatedAt: now().toISOString() }, gone, onlyIf);
    },

    /**
     * Releases the item for another attempt after a delay. `tries` leaves out attempts that the item did not cause to
     * fail.
     */
    release: (key: Key, lease: Lease, { afterMs, tries }: { afterMs: number; tries: number }) =>
      updateFenced(key, lease, { tries, dueAt: inMs(afterMs + leaseMs * 1.2) }, ['leaseOwner', 'leaseUntil']),

    change,
  };
}

export type LeasedItems = ReturnType<typeof createLeasedItems>;
