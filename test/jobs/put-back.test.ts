import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createPutBack } from '../../src/jobs/put-back.ts';

test('messages that are put back come again one after the other, before their turn', () => {
  const putBack = createPutBack({ now: () => 0 });
  for (let job = 0; job < 30; job += 1) putBack.noteJob('mallory', 2000);
  const delays = Array.from({ length: 4000 }, () => putBack.delaySeconds('mallory', 4));
  assert.ok(delays.every((seconds, at) => at === 0 || seconds >= (delays[at - 1] as number)));
  assert.equal(delays[0], 1);
  assert.ok(Math.abs((delays[999] as number) - 250) < 10, 'half of 1,000 times 2 s by four at once');
  assert.equal(delays.at(-1), 900, 'no more than SQS delays');
  assert.equal(putBack.delaySeconds('alice', 4), 1, 'nobody waits for another person’s');
});

test('what came back is not counted any more, and one slow job does not keep all others away', () => {
  let now = 0;
  const putBack = createPutBack({ now: () => now });
  for (let count = 0; count < 100; count += 1) putBack.delaySeconds('mallory', 1);
  now = 3_600_000;
  putBack.noteJob('mallory', 60_000);
  assert.equal(putBack.delaySeconds('mallory', 1), 1);
});
