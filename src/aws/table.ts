import type { CreateTableCommandInput } from '@aws-sdk/client-dynamodb';

/**
 * The one table: items by `pk` and `sk`, and three indexes. `byOwner` lists a person's projects, `byKind` all
 * projects, `due` (sparse) what the sweeper checks, earliest first. Time to live uses `expiresAt` (seconds since the
 * epoch).
 */
export function tableDefinition(tableName: string) {
  const attribute = (AttributeName: string) => ({ AttributeName, AttributeType: 'S' as const });
  const keys = (hash: string, range: string) => [
    { AttributeName: hash, KeyType: 'HASH' as const },
    { AttributeName: range, KeyType: 'RANGE' as const },
  ];
  const index = (IndexName: string, hash: string, range: string) => ({
    IndexName,
    KeySchema: keys(hash, range),
    Projection: { ProjectionType: 'ALL' as const },
  });
  return {
    TableName: tableName,
    BillingMode: 'PAY_PER_REQUEST',
    AttributeDefinitions: ['pk', 'sk', 'ownerKey', 'ownerSort', 'kindKey', 'kindSort', 'dueKey', 'dueAt'].map(
      attribute,
    ),
    KeySchema: keys('pk', 'sk'),
    GlobalSecondaryIndexes: [
      index('byOwner', 'ownerKey', 'ownerSort'),
      index('byKind', 'kindKey', 'kindSort'),
      index('due', 'dueKey', 'dueAt'),
    ],
  } satisfies CreateTableCommandInput;
}
