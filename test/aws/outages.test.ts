// What is said of an error of a service: that it is out, that there is no room, or nothing new.
import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { test } from 'node:test';
import { asOutage } from '../../src/aws/outages.ts';
import { isPaperliftError } from '../../src/errors.ts';
import { explainError } from '../../src/http/error-response.ts';

const named = (name: string, httpStatusCode = 400, message = 'x') =>
  Object.assign(new Error(message), { name, $metadata: { httpStatusCode } });
const codeOf = (error: unknown) => (isPaperliftError(error) ? error.code : undefined);

test('full storage is named as such, from any service', async (t) => {
  const full = await writeFile('/dev/full', 'x').catch((error: unknown) => error);
  const errors = [
    ...(process.platform === 'linux' ? [full] : []),
    Object.assign(new Error('EDQUOT: disk quota exceeded'), { code: 'EDQUOT' }),
    named('XMinioStorageFull', 507),
    named('InternalError', 500, "ENOSPC: no space left on device, open '/data/x'"),
    named('Unknown', 507),
    named('ItemCollectionSizeLimitExceededException'),
    new Error('could not store the object', { cause: named('InsufficientStorage') }),
  ];
  for (const error of errors) {
    assert.equal(codeOf(asOutage('storage', error)), 'storage-full', String(error));
    assert.equal(codeOf(explainError(error)), 'storage-full', 'also where no client said so');
  }
  t.diagnostic(`${errors.length} errors`);
});

test('what passes is an outage of the service; what means something to a store stays as it is', () => {
  assert.equal(codeOf(asOutage('storage', named('SlowDown', 503))), 'storage-unavailable');
  const missing = named('NoSuchKey', 404);
  assert.equal(asOutage('storage', missing), missing);
});
