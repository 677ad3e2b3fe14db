import type { Documents } from '../aws/clients.ts';
import { updateIf } from '../aws/conditions.ts';
import { shardKey } from '../aws/shards.ts';

/** A file that a browser may store in S3. It becomes a page once the browser reports it complete. */
export interface PresignedUpload {
  id: string;
  projectId: string;
  personId: string;
  /** The key that the browser writes to. */
  key: string;
  fileName: string;
  declaredType: string;
  sizeBytes: number;
  /** The id of the page that it becomes. */
  pageId: string;
  /** Whether that page exists and the file replaces its image. */
  replaces: boolean;
  createdAt: string;
  /** Set while a request turns it into a page; no other request does so meanwhile. */
  claimedUntil?: string;
  completedAt?: string;
}

interface Dependencies {
  documents: Documents;
  table: string;
  now: () => Date;
}

/** After this the sweeper deletes uploads that were never completed. A slow line may need most of it. */
const openForMs = 60 * 60_000;
/** How long a completed upload is remembered, so that completing it again gives the same answer. */
const rememberedForMs = 24 * 60 * 60_000;

const keyOf = ({ projectId, id }: { projectId: string; id: string }) => ({
  pk: `PROJECT#${projectId}`,
  sk: `UPLOAD#${id}`,
});

export function createPresignedUploadStore({ documents, table, now }: Dependencies) {
  const inMs = (ms: number) => new Date(now().getTime() + ms);

  return {
    async create(upload: PresignedUpload) {
      const expiresAt = Math.floor(inMs(openForMs + rememberedForMs).getTime() / 1000);
      const due = { dueKey: shardKey('UPLOAD', upload.id), dueAt: inMs(openForMs).toISOString() };
      await documents.put({ TableName: table, Item: { ...keyOf(upload), ...upload, ...due, expiresAt } });
    },

    async find(projectId: string, id: string): Promise<PresignedUpload | undefined> {
      const { Item } = await documents.get({
        TableName: table,
        Key: keyOf({ projectId, id }),
        ConsistentRead: true,
      });
      return Item as PresignedUpload | undefined;
    },

    /** `false`: another request is completing it or has completed it, or it is gone. */
    async claim(upload: PresignedUpload, forMs: number): Promise<boolean> {
      const nobodyElseHasIt =
        'attribute_exists(pk) AND attribute_not_exists(completedAt) AND (attribute_not_exists(claimedUntil) OR claimedUntil < :now)';
      const claimed = await updateIf(documents, {
        TableName: table,
        Key: keyOf(upload),
        UpdateExpression: 'SET claimedUntil = :until',
        ConditionExpression: nobodyElseHasIt,
        ExpressionAttributeValues: { ':now': now().toISOString(), ':until': inMs(forMs).toISOString() },
      });
      return claimed !== undefined;
    },

    async release(upload: PresignedUpload) {
      await updateIf(documents, {
        TableName: table,
        Key: keyOf(upload),
        UpdateExpression: 'REMOVE claimedUntil',
        ConditionExpression: 'attribute_exists(pk)',
      });
    },

    async complete(upload: PresignedUpload) {
      await updateIf(documents, {
        TableName: table,
        Key: keyOf(upload),
        UpdateExpression: 'SET completedAt = :now REMOVE claimedUntil, dueKey, dueAt',
        ConditionExpression: 'attribute_exists(pk)', // its project may be gone by now
        ExpressionAttributeValues: { ':now': now().toISOString() },
      });
    },

    async remove(upload: PresignedUpload) {
      await documents.delete({ TableName: table, Key: keyOf(upload) });
    },
  };
}

export type PresignedUploadStore = ReturnType<typeof createPresignedUploadStore>;
