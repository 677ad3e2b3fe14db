import { putIf, updateIf } from '../aws/conditions.ts';
import { shardKey } from '../aws/shards.ts';
import { shareReads } from '../aws/shared-reads.ts';
import type { Lease } from '../jobs/leased-items.ts';
import type { Failure } from '../jobs/leased-job.ts';
import { createLeasedStore, type LeasedStoreDependencies } from '../jobs/leased-store.ts';
import type { ProjectContents } from '../projects/project-contents.store.ts';
import type { ExportJob } from './export.queue.ts';
import { type Export, kindOf } from './export.ts';
import type { ExportRetention } from './export-retention.ts';

interface Dependencies extends LeasedStoreDependencies {
  retention: Pick<ExportRetention, 'keptMs'>;
}

type Requested = Pick<Export, 'projectId' | 'format' | 'translateTo' | 'fingerprint'>;

interface ExportClaim {
  exportId: string;
  /** Milliseconds. */
  claimedAt: number;
  /** The export's item exists. */
  isMade?: boolean;
}

const finalStatuses = ['ready', 'failed'] as const;
const pageSize = 100;
const dayMs = 24 * 60 * 60 * 1000;

export function createExportStore({ retention, ...dependencies }: Dependencies) {
  const { documents, table, leasedItems, now } = dependencies;
  const items = createLeasedStore<Export>(dependencies, {
    name: 'EXPORT',
    finalStatuses,
    claimedStatus: 'rendering',
  });

  const readSome = shareReads(
    async (projectId: string, limit: number, before?: string): Promise<Export[]> => {
      const { Items = [] } = await documents.query({
        TableName: table,
        KeyConditionExpression: 'pk = :pk AND sk BETWEEN :first AND :last',
        ExpressionAttributeValues: {
          ':pk': items.keyOf({ projectId, id: '' }).pk,
          ':first': 'EXPORT#',
          ':last': before ? `EXPORT#${before}` : 'EXPORT#~',
        },
        ScanIndexForward: false,
        ConsistentRead: true,
        Limit: limit + 1,
      });
      const found = Items as Export[];
      return (found[0]?.id === before ? found.slice(1) : found).slice(0, limit);
    },
  );

  /** A project's exports, newest first, starting after the export `before`. */
  const list = (projectId: string, limit = 50, before?: string) => readSome(projectId, limit, before);

  async function listAll(projectId: string): Promise<Export[]> {
    const all: Export[] = [];
    for (;;) {
      const some = await list(projectId, pageSize, all.at(-1)?.id);
      all.push(...some);
      if (some.length < pageSize) return all;
    }
  }

  /** When the sweeper checks a final export's retention. */
  const dueWhenOld = ({ id }: Export) => ({
    dueKey: shardKey('OLD_EXPORT', id),
    dueAt: new Date(now().getTime() + retention.keptMs).toISOString(),
  });

  /** The claim names the export that answers requests for this state of the project in this format. */
  const claimKey = (request: Requested) => ({
    pk: items.keyOf({ projectId: request.projectId, id: '' }).pk,
    sk: `WANTED#${kindOf(request)}#${request.fingerprint}`,
  });

  return {
    list,
    /** All of them, newest first. */
    listIn: (contents: ProjectContents) => (contents.items('EXPORT#') as unknown as Export[]).toReversed(),
    listAll,

    /** The export that answers such a request, if any. Strongly consistent. */
    async findClaim(request: Requested): Promise<ExportClaim | undefined> {
      const { Item } = await documents.get({
        TableName: table,
        Key: claimKey(request),
        ConsistentRead: true,
      });
      return Item as ExportClaim | undefined;
    },

    /** Claims the request for a new export, replacing the claim that was read. `false`: another request was faster. */
    claimRequest(item: Export, seen: ExportClaim | undefined): Promise<boolean> {
      const sameAsSeen = seen ? 'exportId = :seen' : 'attribute_not_exists(pk)';
      return putIf(documents, {
        TableName: table,
        Item: {
          ...claimKey(item),
          exportId: item.id,
          claimedAt: now().getTime(),
          expiresAt: Math.ceil((now().getTime() + dayMs) / 1000),
        },
        ConditionExpression: sameAsSeen,
        ...(seen ? { ExpressionAttributeValues: { ':seen': seen.exportId } } : {}),
      });
    },

    /** Marks that the claim's export exists from now on, or was deleted since. */
    async confirmClaim(item: Export) {
      const stillOurs = 'exportId = :id';
      await updateIf(documents, {
        TableName: table,
        Key: claimKey(item),
        UpdateExpression: 'SET isMade = :yes',
        ConditionExpression: stillOurs,
        ExpressionAttributeValues: { ':yes': true, ':id': item.id },
      });
    },

    find: items.find,
    remove: items.remove,
    create: (item: Export) => items.create(item, ({ createdAt }) => createdAt === item.createdAt),

    claim: ({ projectId, exportId: id }: ExportJob, workerId: string) =>
      items.claim({ projectId, id }, workerId),

    /** Renews the lease. `false`: the lease was lost, or the export is gone. */
    keep: (item: Export, lease: Lease, facts?: { pagesDone?: number }) => items.keep(item, lease, facts),

    finishReady: (
      item: Export,
      lease: Lease,
      file: { fileKey: string; sizeBytes: number; pageCount: number; fingerprint: string },
    ) =>
      items.finish(item, lease, { ...file, status: 'ready', ...dueWhenOld(item) }, ['failure', 'pagesDone']),

    finishFailed: (item: Export, lease: Lease, failure: Failure) =>
      items.finish(item, lease, { status: 'failed', failure, ...dueWhenOld(item) }),

    /** For an old export that is kept: newer ones may replace it. */
    async lookAgainTomorrow(item: Export) {
      const change = leasedItems.change({ dueAt: new Date(now().getTime() + dayMs).toISOString() });
      await items.updateIf(item, 'begins_with(dueKey, :old)', {
        ...change,
        ExpressionAttributeValues: { ...change.ExpressionAttributeValues, ':old': 'OLD_EXPORT' },
      });
    },
    release: items.release,
  };
}

export type ExportStore = ReturnType<typeof createExportStore>;
