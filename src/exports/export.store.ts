import type { Documents } from '../aws/clients.ts';
import { unlessConditionFails } from '../aws/conditions.ts';
import type { Lease, LeasedItems } from '../aws/leased-items.ts';
import { shareReads } from '../aws/shared-reads.ts';
import type { Export } from './export.ts';

interface Dependencies {
  documents: Documents;
  table: string;
  leasedItems: LeasedItems;
  now: () => Date;
  /** How long an export may wait for a worker before the sweeper sends its message again. */
  waitMs: number;
}

const exportKey = (projectId: string, exportId: string) => ({
  pk: `PROJECT#${projectId}`,
  sk: `EXPORT#${exportId}`,
});

const finalStatuses = ['ready', 'failed'] as const;

export function createExportStore({ documents, table, leasedItems, now, waitMs }: Dependencies) {
  const waiting = () => ({ dueKey: 'EXPORT', dueAt: new Date(now().getTime() + waitMs).toISOString() });

  /** A project's latest exports, newest first. */
  const list = shareReads(async (projectId: string): Promise<Export[]> => {
    const { Items = [] } = await documents.query({
      TableName: table,
      KeyConditionExpression: 'pk = :pk AND begins_with(sk, :export)',
      ExpressionAttributeValues: { ':pk': exportKey(projectId, '').pk, ':export': 'EXPORT#' },
      ScanIndexForward: false,
      ConsistentRead: true,
      Limit: 50,
    });
    return Items as Export[];
  });

  return {
    list,

    async find(projectId: string, exportId: string): Promise<Export | undefined> {
      const { Item } = await documents.get({
        TableName: table,
        Key: exportKey(projectId, exportId),
        ConsistentRead: true,
      });
      return Item as Export | undefined;
    },

    async create(item: Export) {
      await documents.put({
        TableName: table,
        Item: { ...exportKey(item.projectId, item.id), ...item, attempt: 0, tries: 0, ...waiting() },
        ConditionExpression: 'attribute_not_exists(pk)',
      });
    },

    async remove(projectId: string, exportId: string): Promise<boolean> {
      const removed = await unlessConditionFails(() =>
        documents.delete({
          TableName: table,
          Key: exportKey(projectId, exportId),
          ConditionExpression: 'attribute_exists(pk)',
        }),
      );
      return removed !== undefined;
    },

    claim: (job: { projectId: string; exportId: string }, owner: string) =>
      leasedItems.claim(exportKey(job.projectId, job.exportId), owner, {
        finalStatuses,
        status: 'rendering',
      }),

    /** Begins the lease anew. `false`: the export is another worker's, or gone. */
    keep: (item: Export, lease: Lease, facts: { pagesDone?: number } = {}) =>
      leasedItems.progress(exportKey(item.projectId, item.id), lease, facts),

    finishReady: (
      item: Export,
      lease: Lease,
      file: { fileKey: string; sizeBytes: number; pageCount: number; fingerprint: string },
    ) =>
      leasedItems.finish(exportKey(item.projectId, item.id), lease, { ...file, status: 'ready' }, [
        'failure',
        'pagesDone',
      ]),

    finishFailed: (item: Export, lease: Lease, failure: { code: string; message: string }) =>
      leasedItems.finish(exportKey(item.projectId, item.id), lease, { status: 'failed', failure }),

    release: (item: Export, lease: Lease, again: { afterMs: number; tries: number }) =>
      leasedItems.release(exportKey(item.projectId, item.id), lease, again),
  };
}

export type ExportStore = ReturnType<typeof createExportStore>;
