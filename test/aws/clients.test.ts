import assert from 'node:assert/strict';
import { test } from 'node:test';
import { S3Client } from '@aws-sdk/client-s3';
import { createClients } from '../../src/aws/clients.ts';
import { loadConfig } from '../../src/config/config.ts';
import { createInFlight } from '../../src/runtime/in-flight.ts';

test('no client copies each request and answer for a log that no one reads', () => {
  const { aws } = loadConfig({
    PUBLIC_URL: 'http://localhost:3000',
    SESSION_SECRET: 'x'.repeat(32),
    SAML_ENTRY_POINT: 'http://localhost:9/sso',
    SAML_IDP_ISSUER: 'urn:test',
    SAML_IDP_CERTIFICATE: 'none',
    S3_BUCKET: 'paperlift',
    DYNAMODB_TABLE: 'paperlift',
    PAGES_QUEUE_URL: 'http://localhost:9/pages',
    EXPORTS_QUEUE_URL: 'http://localhost:9/exports',
  });
  const clients = createClients(aws, createInFlight());
  const plain = new S3Client({ region: 'us-east-1' });
  const isLogger = (middleware: string) => middleware.startsWith('loggerMiddleware');
  assert.ok(plain.middlewareStack.identify().some(isLogger), 'the SDK still calls it so');
  const opened = clients.open(new S3Client({ region: 'us-east-1' }));
  assert.ok(!opened.middlewareStack.identify().some(isLogger));
  clients.destroy();
});
