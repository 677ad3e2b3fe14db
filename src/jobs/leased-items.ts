// Work on an item by at most one worker at a time: a lease, and a fence for whoever outlived theirs. Shared by pages,
// exports and imports. An item that is not final is also due at some time, which is how the sweeper finds what got lost.
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

/** Names one attempt by one worker; every write of that attempt is conditional on it. */
export interface Lease {
  owner: string;
  attempt: number;
}

type Attributes = Record<string, unknown>;

export type Claim<Item = Attributes> =
  | { outcome: 'claimed'; item: Item; lease: Lease; tries: number }
  | { outcome: 'leased'; leaseUntil: Date }
  | { outcome: 'over' };

export function createLeasedItems({ documents, table, leaseMs, now }: Dependencies) {
  const inMs = (ms: number) => new Date(now().getTime() + ms).toISOString();

  /** Builds an update from what to set and remove, with names that no reserved word can spoil. */
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
  ): Promise<boolean> {
    const update = change(set, remove);
    const leaseIsStillOurs = '#leaseOwner = :owner AND #attempt = :attempt'; // fences off a worker whose lease ran out
    const written = await updateIf(
      documents,
      {
        TableName: table,
        Key: key,
        ...update,
        ConditionExpression: leaseIsStillOurs,
        ExpressionAttributeNames: {
          ...update.ExpressionAttributeNames,
          '#leaseOwner': 'leaseOwner',
          '#attempt': 'attempt',
        },
        ExpressionAttributeValues: {
          ...update.ExpressionAttributeValues,
          ':owner': lease.owner,
          ':attempt': lease.attempt,
        },
      },
      // somebody may have moved the page since it was finished or released
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
     * One conditional update: free to claim is what has no lease or an expired one, and is of the revision, not final
     * and not deleted.
     * Each claim is an owner of its own, so that one whose answer was lost is known again.
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

    /** Notes a step of the work and begins the lease anew. `false`: the item went to somebody else, or is gone. */
    progress: (key: Key, lease: Lease, set: Attributes) =>
      updateFenced(key, lease, {
        ...set,
        leaseUntil: inMs(leaseMs),
        dueAt: inMs(leaseMs * 1.2),
        // a lease that is only kept changes nothing that people have seen
        ...(Object.keys(set).length > 0 ? { updatedAt: now().toISOString() } : {}),
      }),

    /** Writes the final state. `false`: fenced off; what this attempt made is nobody's. */
    finish(key: Key, lease: Lease, set: Attributes, remove: string[] = []) {
      const gone = ['leaseOwner', 'leaseUntil', 'dueKey', 'dueAt', ...remove].filter(
        (name) => !(name in set),
      );
      return updateFenced(key, lease, { ...set, updatedAt: now().toISOString() }, gone);
    },

    /** Gives the item back to be tried again after a while. A try that was no fault of the item's is not counted. */
    release: (key: Key, lease: Lease, { afterMs, tries }: { afterMs: number; tries: number }) =>
      updateFenced(key, lease, { tries, dueAt: inMs(afterMs + leaseMs * 1.2) }, ['leaseOwner', 'leaseUntil']),

    change,
  };
}

export type LeasedItems = ReturnType<typeof createLeasedItems>;
