import { queryAll } from '../aws/query-all.ts';
import { shareReads } from '../aws/shared-reads.ts';
import type { Lease } from '../jobs/leased-items.ts';
import { createLeasedStore, type LeasedStoreDependencies } from '../jobs/leased-store.ts';
import type { ProjectContents } from '../projects/project-contents.store.ts';
import type { ImportJob } from './import.queue.ts';
import type { Import } from './import.ts';

export function createImportStore(dependencies: LeasedStoreDependencies) {
  const { documents, table, leasedItems, now } = dependencies;
  const items = createLeasedStore<Import>(dependencies, {
    name: 'IMPORT',
    finalStatuses: ['done', 'failed'],
    claimedStatus: 'splitting',
  });

  /** A project's imports, in the order of their pages. */
  const list = shareReads(async (projectId: string): Promise<Import[]> => {
    const found = await queryAll(documents, {
      TableName: table,
      KeyConditionExpression: 'pk = :pk AND begins_with(sk, :import)',
      ExpressionAttributeValues: { ':pk': items.keyOf({ projectId, id: '' }).pk, ':import': 'IMPORT#' },
      ConsistentRead: true,
    });
    return inOrder(found);
  });

  return {
    list,
    listIn: (contents: ProjectContents) => inOrder(contents.items('IMPORT#')),
    find: items.find,
    remove: items.remove,
    create: (item: Import) => items.create(item, ({ originalKey }) => originalKey === item.originalKey),

    /** Queues a failed import again, to continue where it ended. `undefined`: it has not failed, or is gone. */
    async retry(item: Import): Promise<Import | undefined> {
      const change = leasedItems.change(
        {
          status: 'queued',
          tries: 0,
          pagesBroken: 0,
          ...items.waiting(item),
          updatedAt: now().toISOString(),
        },
        ['failure'],
      );
      return items.updateIf(item, '#status = :failed', {
        ...change,
        ExpressionAttributeValues: { ...change.ExpressionAttributeValues, ':failed': 'failed' },
      });
    },

    claim: ({ projectId, importId: id }: ImportJob, workerId: string) =>
      items.claim({ projectId, id }, workerId),

    /** Records progress and renews the lease. `false`: the lease was lost, or the import is gone. */
    keep: (
      item: Import,
      lease: Lease,
      facts?: Partial<
        Pick<
          Import,
          'pageCount' | 'isCounted' | 'pagesDone' | 'pagesWithText' | 'pagesBroken' | 'progressAttempt'
        >
      >,
    ) => items.keep(item, lease, facts),

    finishDone: (item: Import, lease: Lease) => items.finish(item, lease, { status: 'done' }, ['failure']),
    finishFailed: items.finishFailed,
    release: items.release,
  };
}

const inOrder = (items: object[]) =>
  (items as Import[]).toSorted((one, other) => one.position - other.position);

export type ImportStore = ReturnType<typeof createImportStore>;
