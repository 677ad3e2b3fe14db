// Audit trails on a database of their own, and the hands of somebody who can write that database directly.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocument } from '@aws-sdk/lib-dynamodb';
import { createAuditService } from '../../src/audit/audit.service.ts';
import { createAuditStore } from '../../src/audit/audit.store.ts';
import type { Documents } from '../../src/aws/clients.ts';
import { startDatabase } from '../../src/local/database.stand-in.ts';
import type { Person } from '../../src/people/person.ts';
import { createPolicies } from '../../src/people/policies.ts';
import { createLogger } from '../../src/runtime/logger.ts';
import { createLogCapture } from '../support/log-capture.ts';
import { inDefault } from '../support/people.ts';

export const policies = createPolicies({
  groups: { admins: 'admins', users: 'users', auditors: 'auditors', records: 'records' },
});

export function buildPerson(name: string, group = 'users'): Person {
  return { id: `p-${name}`, name, email: `${name}@example.com`, groups: [group], ...inDefault };
}

export async function startTrailStage() {
  const directory = await mkdtemp(path.join(tmpdir(), 'paperlift-trails-'));
  const table = 'trails';
  const database = await startDatabase({ directory, port: 0, table });
  const client = new DynamoDBClient({
    region: 'us-east-1',
    endpoint: database.endpoint,
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    maxAttempts: 1,
  });
  const documents = DynamoDBDocument.from(client, { marshallOptions: { removeUndefinedValues: true } });
  const logs = createLogCapture();
  let clock = Date.parse('2026-11-02T09:00:00Z');

  return {
    documents,
    table,
    logs,
    passTime(ms: number) {
      clock += ms;
    },
    /** A service as another process would have it: nothing in memory is shared. */
    createService: (changed: Partial<DynamoDBDocument> = {}, timeoutMs = 8000) =>
      createAuditService({
        trails: createAuditStore({ documents: Object.assign(Object.create(documents), changed), table }),
        policies,
        logger: createLogger({ level: 'info', destination: logs.destination }),
        now: () => new Date(clock),
        timeoutMs,
      }),
    ...tamperWith(documents, table),
    async stop() {
      client.destroy();
      await database.stop();
      await rm(directory, { recursive: true, force: true });
    },
  };
}

export function tamperWith(documents: Documents, table: string) {
  const placeOf = (number: number) => `ENTRY#${String(number).padStart(12, '0')}`;
  const keyOf = (trail: string, place: number | 'HEAD') => ({
    pk: `AUDIT#${trail}`,
    sk: place === 'HEAD' ? place : placeOf(place),
  });
  return {
    async peek(trail: string, place: number | 'HEAD'): Promise<Record<string, unknown>> {
      const { Item } = await documents.get({ TableName: table, Key: keyOf(trail, place) });
      if (!Item) throw new Error(`Nothing lies at ${trail} ${place}`);
      return Item;
    },
    async overwrite(trail: string, place: number | 'HEAD', item: Record<string, unknown>) {
      await documents.put({ TableName: table, Item: { ...item, ...keyOf(trail, place) } });
    },
    async erase(trail: string, place: number | 'HEAD') {
      await documents.delete({ TableName: table, Key: keyOf(trail, place) });
    },
  };
}
