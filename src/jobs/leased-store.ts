// Leased items of one kind, stored below their project. Shared by the stores of pages, exports and imports.
import type { Documents } from '../aws/clients.ts';
import { putIf, updateIf } from '../aws/conditions.ts';
import { shardKey } from '../aws/shards.ts';
import type { Claim, FinishCondition, Lease, LeasedItems } from './leased-items.ts';
import type { Failure } from './leased-job.ts';

export interface LeasedStoreDependencies {
  documents: Documents;
  table: string;
  leasedItems: LeasedItems;
  now: () => Date;
  /** How long an item may wait for a worker until the sweeper sends its message again. */
  waitMs: number;
}

type Attributes = Record<string, unknown>;

interface Kind<Item> {
  /** The first part of the sort key, and the item's kind in the due index. */
  name: 'PAGE' | 'EXPORT' | 'IMPORT';
  finalStatuses: readonly [string, string];
  /** The status of a claimed item. */
  claimedStatus: string;
  /** How an item is stored, if not as it is. `toStored` also takes some of its attributes. */
  toStored?: (address: Address, attributes: Attributes) => Attributes;
  fromStored?: (item: Attributes) => Item;
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
  {
    name,
    finalStatuses,
    claimedStatus,
    toStored = (_, attributes) => attributes,
    fromStored = (item) => item as Item,
  }: Kind<Item>,
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
    return Item && fromStored(Item);
  }

  /** `false`: another item has this id. `isSame` recognises the same item. */
  async function createOnce(item: Item, isSame: (found: Item) => boolean): Promise<boolean> {
    const due = finalStatuses.includes(item.status) ? {} : waiting(item);
    const created = await putIf(documents, {
      TableName: table,
      Item: { ...toStored(item, { ...(item as Attributes) }), ...keyOf(item), attempt: 0, tries: 0, ...due },
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
      return updated && fromStored(updated);
    },

    async claim(address: Address, workerId: string, revision?: number): Promise<Claim<Item>> {
      const claim = await leasedItems.claim(keyOf(address), workerId, {
        finalStatuses,
        status: claimedStatus,
        ...(revision === undefined ? {} : { revision }),
      });
      return claim.outcome === 'claimed' ? { ...claim, item: fromStored(claim.item) } : claim;
    },

    /** Renews the lease and records progress. `false`: the lease was lost, or the item is gone. */
    keep: (item: Item, lease: Lease, facts: Record<string, unknown> = {}) =>
      leasedItems.progress(keyOf(item), lease, toStored(item, facts)),

    /** Writes the final state. `false`: the lease was lost, the item is gone, or `onlyIf` does not hold. */
    finish: (
      item: Item,
      lease: Lease,
      facts: Record<string, unknown>,
      remove: string[] = [],
      onlyIf?: FinishCondition,
    ) => leasedItems.finish(keyOf(item), lease, toStored(item, facts), remove, onlyIf),

    finishFailed: (item: Item, lease: Lease, failure: Failure) =>
      leasedItems.finish(keyOf(item), lease, { status: 'failed', failure }),

    release: (item: Item, lease: Lease, again: { afterMs: number; tries: number }) =>
      leasedItems.release(keyOf(item), lease, again),
  };
}
