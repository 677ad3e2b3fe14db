import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocument } from '@aws-sdk/lib-dynamodb';
import { startDatabase } from '../../src/local/database.stand-in.ts';

test('a database on disk stops while clients send requests, and while it works on those of clients that left', async (t) => {
  const directory = await mkdtemp(join(tmpdir(), 'paperlift-database-'));
  t.after(() => rm(directory, { recursive: true }));
  const started = await startDatabase({ directory, port: 0, table: 'paperlift' });
  const client = new DynamoDBClient({
    region: 'us-east-1',
    endpoint: started.endpoint,
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
    maxAttempts: 1,
  });
  const documents = DynamoDBDocument.from(client);
  for (let batch = 0; batch < 40; batch += 1) {
    const items = Array.from({ length: 25 }, (_, at) => ({
      pk: 'P',
      sk: `${batch}-${at}`,
      text: 'x'.repeat(500),
    }));
    await documents.batchWrite({
      RequestItems: { paperlift: items.map((Item) => ({ PutRequest: { Item } })) },
    });
  }
  const query = (abortSignal?: AbortSignal) =>
    documents
      .query(
        {
          TableName: 'paperlift',
          KeyConditionExpression: 'pk = :pk',
          ExpressionAttributeValues: { ':pk': 'P' },
        },
        { abortSignal },
      )
      .then(({ Items = [] }) => Items.length);
  assert.equal(await query(), 1000);

  const leaving = new AbortController();
  const left = Promise.allSettled(Array.from({ length: 30 }, () => query(leaving.signal)));
  await query(); // the others have arrived by now
  leaving.abort();
  await left;
  let isRunning = true;
  const busy = Array.from({ length: 4 }, async () => {
    while (isRunning) await query().catch(() => {});
  });
  await started.stop();
  isRunning = false;
  await Promise.all(busy);
  client.destroy();
});
