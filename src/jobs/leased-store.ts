// Leased items of one kind, stored below their project. Shared by the stores of pages, exports and imports.
import type { Documents } from '../aws/clients.ts';
import { putIf, updateIf } from '../aws/conditions.ts';
import { shardKey } from '../aws/shards.ts';
import type { Claim, Lease, LeasedItems } from './leased-items.ts';
import type { Failure } from './leased-job.ts';

export interface LeasedStoreDependencies {
  documents: Documents;
  table: string;
  leasedItems: LeasedItems;
  now: () => Date;
  /** How long an item may wait for a worker until the sweeper sends its message again. */
  waitMs: number;
}

interface Kind {
  /** The first part of the sort key, and the item's kind in the due index. */
  name: 'PAGE' | 'EXPORT' | 'IMPORT';
  finalStatuses: readonly [string, string];
  /** The status of a claimed item. */
  claimedStatus: string;
}

interface Address {
  projectId: string;
  id: string;
}

interface Change {
  UpdateExpression: string;
  ExpressionAttributeNames?: Record<string, string>;
  ExpressionAttributeValues?: Record<string, unknown>;
}

export function createLeasedStore<Item extends Address & { status: string }>(
  { documents, table, leasedItems, now, waitMs }: LeasedStoreDependencies,
  { name, finalStatuses, claimedStatus }: Kind,
) {
  const keyOf = ({ projectId, id }: Address) => ({ pk: `PROJECT#${projectId}`, sk: `${name}#${id}` });

  /** Makes the item due, so that the sweeper finds it when its message is lost. */
  const waiting = ({ id }: { id: string }) => ({
    dueKey: shardKey(name, id),
    dueAt: new Date(now().getTime() + waitMs).toISOString(),
  });

  async function find(projectId: string, id: string): Promise<Item | undefined> {
    const { Item } = await documents.get({
      TableName: table,
      Key: keyOf({ projectId, id }),
      ConsistentRead: true,
    });
    return Item as Item | undefined;
  }

  /** `false`: another item has this id. `isSame` recognises the same item. */
  async function createOnce(item: Item, isSame: (found: Item) => boolean): Promise<boolean> {
    const due = finalStatuses.includes(item.status) ? {} : waiting(item);
    const created = await putIf(documents, {
      TableName: table,
      Item: { ...item, ...keyOf(item), attempt: 0, tries: 0, ...due },
      ConditionExpression: 'attribute_not_exists(pk)',
    });
    if (created) return true;
    // Creating the same item twice succeeds: by a worker that continues after another, or by a form sent twice.
    const found = await find(item.projectId, item.id);
    return found !== undefined && isSame(found);
  }

  return {
    keyOf,
    waiting,
    find,
    createOnce,

    /** Throws when another item has this id. */
    async create(item: Item, isSame: (found: Item) => boolean) {
      if (!(await createOnce(item, isSame))) throw new Error(`The ${name} ${item.id} already exists`);
    },

    async remove(projectId: string, id: string) {
      await documents.delete({ TableName: table, Key: keyOf({ projectId, id }) });
    },

    /** A change under a condition; the item as it is then, or `undefined`. `isOwn`: see `conditions.ts`. */
    async updateIf(
      address: Address,
      condition: string,
      change: Change,
      isOwn?: (item: Record<string, unknown>) => boolean,
    ): Promise<Item | undefined> {
      const updated = await updateIf(
        documents,
        {
          TableName: table,
          Key: keyOf(address),
          ConditionExpression: condition,
          ...change,
          ReturnValues: 'ALL_NEW',
        },
        isOwn,
      );
      return updated as Item | undefined;
    },

    claim: (address: Address, workerId: string, revision?: number): Promise<Claim<Item>> =>
      leasedItems.claim(keyOf(address), workerId, {
        finalStatuses,
        status: claimedStatus,
        ...(revision === undefined ? {} : { revision }),
      }),

    /** Renews the lease and records progress. `false`: the lease was lost, or the item is gone. */
    keep: (item: Item, lease: Lease, facts: Record<string, unknown> = {}) =>
      leasedItems.progress(keyOf(item), lease, facts),

    /** Writes the final state. `false`: the lease was lost, or the item is gone. */
    finish: (item: Item, lease: Lease, facts: Record<string, unknown>, remove: string[] = []) =>
      leasedItems.finish(keyOf(item), lease, facts, remove),

    finishFailed: (item: Item, lease: Lease, failure: Failure) =>
      leasedItems.finish(keyOf(item), lease, { status: 'failed', failure }),

    release: (item: Item, lease: Lease, again: { afterMs: number; tries: number }) =>
      leasedItems.release(keyOf(item), lease, again),
  };
}
