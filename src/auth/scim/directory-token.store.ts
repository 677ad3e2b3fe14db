// How an organisation's directory is connected: one item, with the hash of the directory's token.
import type { Documents } from '../../aws/clients.ts';
import { updateIf } from '../../aws/conditions.ts';
import { shareReads } from '../../aws/shared-reads.ts';

export interface DirectoryConnection {
  organisationId: string;
  /** SHA-256, hex. The token itself is not stored. */
  tokenHash: string;
  createdAt: string;
  createdByName: string;
  lastUsedAt?: string;
}

interface Dependencies {
  documents: Documents;
  table: string;
}

const usedEveryMs = 60_000;
const keyOf = (organisationId: string) => ({ pk: `DIRECTORY#${organisationId}`, sk: 'CONNECTION' });

export function createDirectoryTokenStore({ documents, table }: Dependencies) {
  const find = shareReads(async (organisationId: string): Promise<DirectoryConnection | undefined> => {
    const { Item } = await documents.get({
      TableName: table,
      Key: keyOf(organisationId),
      ConsistentRead: true,
    });
    return Item as DirectoryConnection | undefined;
  });

  return {
    find,
    /** In place of the one before, if any, whose token is refused from then on. */
    async replace(connection: DirectoryConnection) {
      await documents.put({ TableName: table, Item: { ...keyOf(connection.organisationId), ...connection } });
    },
    async remove(organisationId: string) {
      await documents.delete({ TableName: table, Key: keyOf(organisationId) });
    },
    /** At most once a minute. */
    async noteUse({ organisationId, tokenHash, lastUsedAt }: DirectoryConnection, at: Date) {
      const before = new Date(at.getTime() - usedEveryMs).toISOString();
      if (lastUsedAt !== undefined && lastUsedAt > before) return;
      const isSame = 'tokenHash = :hash'; // another token may have replaced it
      await updateIf(documents, {
        TableName: table,
        Key: keyOf(organisationId),
        UpdateExpression: 'SET lastUsedAt = :at',
        ConditionExpression: isSame,
        ExpressionAttributeValues: { ':at': at.toISOString(), ':hash': tokenHash },
      });
    },
  };
}

export type DirectoryTokenStore = ReturnType<typeof createDirectoryTokenStore>;
