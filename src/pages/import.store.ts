import type { Documents } from '../aws/clients.ts';
import { unlessConditionFails } from '../aws/conditions.ts';
import type { Lease, LeasedItems } from '../aws/leased-items.ts';
import { shareReads } from '../aws/shared-reads.ts';
import type { Import } from './import.ts';

interface Dependencies {
  documents: Documents;
  table: string;
  leasedItems: LeasedItems;
  now: () => Date;
  /** How long an import may wait for a worker before the sweeper sends its message again. */
  waitMs: number;
}

const importKey = (projectId: string, importId: string) => ({
  pk: `PROJECT#${projectId}`,
  sk: `IMPORT#${importId}`,
});

const finalStatuses = ['done', 'failed'] as const;

export function createImportStore({ documents, table, leasedItems, now, waitMs }: Dependencies) {
  const waiting = () => ({ dueKey: 'IMPORT', dueAt: new Date(now().getTime() + waitMs).toISOString() });
  const keyOf = (item: Import) => importKey(item.projectId, item.id);

  /** A project's imports, in the order of their pages. */
  const list = shareReads(async (projectId: string): Promise<Import[]> => {
    const imports: Import[] = [];
    let from: Record<string, unknown> | undefined;
    do {
      const answer = await documents.query({
        TableName: table,
        KeyConditionExpression: 'pk = :pk AND begins_with(sk, :import)',
        ExpressionAttributeValues: { ':pk': importKey(projectId, '').pk, ':import': 'IMPORT#' },
        ConsistentRead: true,
        ...(from ? { ExclusiveStartKey: from } : {}),
      });
      imports.push(...((answer.Items ?? []) as Import[]));
      from = answer.LastEvaluatedKey;
    } while (from);
    return imports.sort((one, other) => one.position - other.position);
  });

  async function find(projectId: string, importId: string): Promise<Import | undefined> {
    const { Item } = await documents.get({
      TableName: table,
      Key: importKey(projectId, importId),
      ConsistentRead: true,
    });
    return Item as Import | undefined;
  }

  return {
    list,
    find,

    async create(item: Import) {
      const created = await unlessConditionFails(() =>
        documents.put({
          TableName: table,
          Item: { ...keyOf(item), ...item, attempt: 0, tries: 0, ...waiting() },
          ConditionExpression: 'attribute_not_exists(pk)',
        }),
      );
      // The SDK repeats a write whose answer was lost: then the import that is in the way is this very one.
      if (!created && (await find(item.projectId, item.id))?.originalKey !== item.originalKey) {
        throw new Error(`There is an import ${item.id} already`);
      }
    },

    async remove(projectId: string, importId: string): Promise<boolean> {
      const removed = await unlessConditionFails(() =>
        documents.delete({
          TableName: table,
          Key: importKey(projectId, importId),
          ConditionExpression: 'attribute_exists(pk)',
        }),
      );
      return removed !== undefined;
    },

    /** Back to the queue after a failure, to go on where it ended. `undefined`: it is not failed any more, or gone. */
    async retry(item: Import): Promise<Import | undefined> {
      const change = leasedItems.change(
        { status: 'queued', tries: 0, pagesBroken: 0, ...waiting(), updatedAt: now().toISOString() },
        ['failure'],
      );
      const stillFailed = '#status = :failed';
      const retried = await unlessConditionFails(() =>
        documents.update({
          TableName: table,
          Key: keyOf(item),
          ...change,
          ConditionExpression: stillFailed,
          ExpressionAttributeValues: { ...change.ExpressionAttributeValues, ':failed': 'failed' },
          ReturnValues: 'ALL_NEW',
        }),
      );
      return retried?.Attributes as Import | undefined;
    },

    claim: (job: { projectId: string; importId: string }, owner: string) =>
      leasedItems.claim(importKey(job.projectId, job.importId), owner, {
        finalStatuses,
        status: 'splitting',
      }),

    /** Notes how far it is, and begins the lease anew. `false`: the import is another worker's, or gone. */
    progress: (
      item: Import,
      lease: Lease,
      facts: Partial<Pick<Import, 'pageCount' | 'pagesDone' | 'pagesWithText' | 'pagesBroken'>> = {},
    ) => leasedItems.progress(keyOf(item), lease, facts),

    finishDone: (item: Import, lease: Lease) =>
      leasedItems.finish(keyOf(item), lease, { status: 'done' }, ['failure']),

    finishFailed: (item: Import, lease: Lease, failure: { code: string; message: string }) =>
      leasedItems.finish(keyOf(item), lease, { status: 'failed', failure }),

    release: (item: Import, lease: Lease, again: { afterMs: number; tries: number }) =>
      leasedItems.release(keyOf(item), lease, again),
  };
}

export type ImportStore = ReturnType<typeof createImportStore>;
