import type { Lease } from '../aws/leased-items.ts';
import { createLeasedStore, type LeasedStoreDependencies } from '../aws/leased-store.ts';
import { shareReads } from '../aws/shared-reads.ts';
import type { ExportJob } from './export.queue.ts';
import type { Export } from './export.ts';

export function createExportStore(dependencies: LeasedStoreDependencies) {
  const { documents, table } = dependencies;
  const items = createLeasedStore<Export>(dependencies, {
    name: 'EXPORT',
    finalStatuses: ['ready', 'failed'],
    claimedStatus: 'rendering',
  });

  /** A project's latest exports, newest first. */
  const list = shareReads(async (projectId: string): Promise<Export[]> => {
    const { Items = [] } = await documents.query({
      TableName: table,
      KeyConditionExpression: 'pk = :pk AND begins_with(sk, :export)',
      ExpressionAttributeValues: { ':pk': items.keyOf({ projectId, id: '' }).pk, ':export': 'EXPORT#' },
      ScanIndexForward: false,
      ConsistentRead: true,
      Limit: 50,
    });
    return Items as Export[];
  });

  return {
    list,
    find: items.find,
    remove: items.remove,
    create: (item: Export) => items.create(item, ({ createdAt }) => createdAt === item.createdAt),

    claim: ({ projectId, exportId: id }: ExportJob, workerId: string) =>
      items.claim({ projectId, id }, workerId),

    /** Begins the lease anew. `false`: the export is another worker's, or gone. */
    keep: (item: Export, lease: Lease, facts?: { pagesDone?: number }) => items.keep(item, lease, facts),

    finishReady: (
      item: Export,
      lease: Lease,
      file: { fileKey: string; sizeBytes: number; pageCount: number; fingerprint: string },
    ) => items.finish(item, lease, { ...file, status: 'ready' }, ['failure', 'pagesDone']),

    finishFailed: items.finishFailed,
    release: items.release,
  };
}

export type ExportStore = ReturnType<typeof createExportStore>;
