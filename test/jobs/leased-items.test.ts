// Leases on the real table of the stand-in: who may work, and whose work counts.
import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, test } from 'node:test';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocument } from '@aws-sdk/lib-dynamodb';
import { ulid } from 'ulid';
import { unavailable } from '../../src/errors.ts';
import { type Claim, createLeasedItems, type Lease } from '../../src/jobs/leased-items.ts';
import { createLeasedJob, FencedOffError, JobFailedError, TryAgainError } from '../../src/jobs/leased-job.ts';
import { startDatabase } from '../../src/local/database.stand-in.ts';
import { createLogger } from '../../src/runtime/logger.ts';
import { type FaultProxy, startFaultProxy } from '../support/fault-proxy.ts';
import { createLogCapture } from '../support/log-capture.ts';
import { waitFor } from '../support/wait.ts';

const table = 'leases';
let database: Awaited<ReturnType<typeof startDatabase>>;
let proxy: FaultProxy;
let documents: DynamoDBDocument;
let key: { pk: string; sk: string };
let clock = new Date('2026-01-01T00:00:00Z');

const leaseMs = 60_000;
const later = (ms: number) => {
  clock = new Date(clock.getTime() + ms);
};

before(async () => {
  database = await startDatabase({ port: 0, table });
  proxy = await startFaultProxy(database.endpoint);
  const credentials = { accessKeyId: 'local', secretAccessKey: 'local' };
  documents = DynamoDBDocument.from(
    new DynamoDBClient({ region: 'us-east-1', endpoint: proxy.url, credentials }),
  );
});
after(async () => {
  documents.destroy();
  await Promise.all([proxy.stop(), database.stop()]);
});
beforeEach(async () => {
  proxy.clear();
  key = { pk: `PROJECT#${ulid()}`, sk: 'PAGE#1' };
  await documents.put({
    TableName: table,
    Item: { ...key, status: 'uploaded', revision: 1, attempt: 0, tries: 0, dueKey: 'PAGE', dueAt: '2026' },
  });
});

const items = () => createLeasedItems({ documents, table, leaseMs, now: () => clock });
const job = { revision: 1, finalStatuses: ['ready', 'failed'], status: 'preparing' };
const read = async () => (await documents.get({ TableName: table, Key: key, ConsistentRead: true })).Item;

async function claim(worker: string) {
  const claimed = await items().claim(key, worker, job);
  assert.equal(claimed.outcome, 'claimed');
  return claimed as Extract<Claim, { outcome: 'claimed' }>;
}

describe('a claim', () => {
  test('is given to one of ten who ask at once; the others learn until when', async () => {
    const claims = await Promise.all(
      Array.from({ length: 10 }, (_, index) => items().claim(key, `w${index}`, job)),
    );
    assert.equal(claims.filter(({ outcome }) => outcome === 'claimed').length, 1);
    for (const other of claims) {
      if (other.outcome === 'leased') assert.equal(other.leaseUntil.getTime(), clock.getTime() + leaseMs);
      else assert.equal(other.outcome, 'claimed');
    }
    const item = await read();
    assert.deepEqual([item?.attempt, item?.tries, item?.status], [1, 1, 'preparing']);
    assert.ok(item?.dueAt > item?.leaseUntil, 'swept only after the lease');
  });

  test('is not given twice to one worker either', async () => {
    await claim('same');
    assert.equal((await items().claim(key, 'same', job)).outcome, 'leased');
  });

  test('is given anew when the lease has run out, as another attempt', async () => {
    const first = await claim('one');
    later(leaseMs + 1);
    const second = await claim('two');
    assert.deepEqual([first.lease.attempt, second.lease.attempt, second.tries], [1, 2, 2]);
  });

  for (const [what, change] of [
    ['of a final item', { status: 'ready' }],
    ['of a failed item', { status: 'failed' }],
    ['of another revision', { revision: 2 }],
  ] as const) {
    test(`${what} is over`, async () => {
      await documents.put({ TableName: table, Item: { ...(await read()), ...change } });
      assert.deepEqual(await items().claim(key, 'w', job), { outcome: 'over' });
    });
  }

  test('of an item that is gone is over, and makes none', async () => {
    await documents.delete({ TableName: table, Key: key });
    assert.deepEqual(await items().claim(key, 'w', job), { outcome: 'over' });
    assert.equal(await read(), undefined);
  });

  test('whose answer was lost is a claim all the same', async () => {
    proxy.next('UpdateItem', { kind: 'lose-answer' });
    const { lease, item } = await claim('w');
    assert.deepEqual([lease.attempt, item.attempt, item.status], [1, 1, 'preparing']);
    assert.equal(await items().finish(key, lease, { status: 'ready' }), true);
  });
});

describe('a finish', () => {
  test('ends lease and due time', async () => {
    const { lease } = await claim('w');
    assert.equal(await items().finish(key, lease, { status: 'ready', text: 'x' }), true);
    const item = await read();
    assert.deepEqual([item?.status, item?.text], ['ready', 'x']);
    assert.deepEqual(
      [item?.leaseOwner, item?.leaseUntil, item?.dueKey, item?.dueAt],
      Array(4).fill(undefined),
    );
  });

  test('of a worker whose lease went to another is fenced off, before and after the other’s finish', async () => {
    const { lease: stale } = await claim('one');
    later(leaseMs + 1);
    const { lease } = await claim('two');
    assert.equal(await items().finish(key, stale, { status: 'failed' }), false);
    assert.equal(await items().progress(key, stale, { imageKey: 'stale' }), false);
    assert.equal(await items().finish(key, lease, { status: 'ready' }), true);
    assert.equal(await items().finish(key, stale, { status: 'ready' }), false);
    assert.deepEqual([(await read())?.status, (await read())?.imageKey], ['ready', undefined]);
  });

  test('whose lease has run out, but which nobody else took, counts', async () => {
    const { lease } = await claim('w');
    later(leaseMs * 2);
    assert.equal(await items().finish(key, lease, { status: 'ready' }), true);
  });

  test('of an item that is gone makes none', async () => {
    const { lease } = await claim('w');
    await documents.delete({ TableName: table, Key: key });
    assert.equal(await items().finish(key, lease, { status: 'ready' }), false);
    assert.equal(await read(), undefined);
  });

  test('whose answer was lost is known for one’s own', async () => {
    const { lease } = await claim('w');
    proxy.next('UpdateItem', { kind: 'lose-answer' });
    assert.equal(await items().finish(key, lease, { status: 'ready' }), true);
  });

  test('whose answer was lost is not mistaken for that of the attempt after', async () => {
    const { lease } = await claim('w');
    later(leaseMs + 1);
    const { lease: next } = await claim('w');
    await items().finish(key, next, { status: 'ready' });
    assert.equal(await items().finish(key, lease, { status: 'ready' }), false);
  });
});

test('progress begins the lease anew', async () => {
  const { lease } = await claim('w');
  later(leaseMs - 1);
  assert.equal(await items().progress(key, lease, { status: 'detecting' }), true);
  later(leaseMs - 1);
  assert.equal((await items().claim(key, 'other', job)).outcome, 'leased');
});

test('a lease that is only kept does not make what a person has seen out of date', async () => {
  const { lease } = await claim('w');
  const seen = (await read())?.updatedAt;
  later(1000);
  assert.equal(await items().progress(key, lease, {}), true);
  assert.equal((await read())?.updatedAt, seen);
});

test('what was released can be claimed at once, and a try that was nobody’s fault is not counted', async () => {
  const { lease, tries } = await claim('one');
  assert.equal(await items().release(key, lease, { afterMs: 1000, tries: tries - 1 }), true);
  const again = await claim('two');
  assert.deepEqual([again.lease.attempt, again.tries], [2, 1]);
});

describe('work on an item', () => {
  const attemptsUsedUp = { code: 'tried-too-often', message: 'It could not be done.' };
  const named = (name: string) => Object.assign(new Error(name), { name });
  const fail = (error: unknown) => async () => {
    throw error;
  };

  /** A worker that does this with the one item. */
  function startWork(work: (lease: Lease) => Promise<void>, options: { leaseMs?: number } = {}) {
    const leased = items();
    const logs = createLogCapture();
    const calls = { kept: 0, begun: 0, cleanedUp: 0 };
    const worker = createLeasedJob<object, Record<string, unknown>>({
      name: 'page',
      items: {
        claim: (_job, owner) => leased.claim(key, owner, job),
        keep: async (_item, lease) => {
          calls.kept += 1;
          return leased.progress(key, lease, {});
        },
        finishFailed: (_item, lease, failure) => leased.finish(key, lease, { status: 'failed', failure }),
        release: (_item, lease, again) => leased.release(key, lease, again),
      },
      work: async (_item, lease) => {
        calls.begun += 1;
        await work(lease);
      },
      cleanUp: async () => {
        calls.cleanedUp += 1;
        throw new Error('S3 does not answer');
      },
      maxAttempts: 2,
      attemptsUsedUp,
      workerId: 'w',
      leaseMs,
      logger: createLogger({ level: 'info', destination: logs.destination }),
      now: () => clock,
      ...options,
    });
    return { calls, logs, handle: (signal = new AbortController().signal) => worker.handle({}, signal) };
  }

  const finish = async (lease: Lease) => {
    await items().finish(key, lease, { status: 'ready' });
  };

  test('that is done is over, and nothing of it is cleaned up', async () => {
    const { calls, handle } = startWork(finish);
    assert.deepEqual(await handle(), { done: true });
    assert.deepEqual([(await read())?.status, calls.cleanedUp], ['ready', 0]);
    assert.deepEqual(await handle(), { done: true });
    assert.equal(calls.begun, 1);
  });

  test('keeps its lease, however long it takes', async () => {
    const enough = Promise.withResolvers<void>();
    const { calls, handle } = startWork(
      async (lease) => {
        await enough.promise;
        await finish(lease);
      },
      { leaseMs: 30 },
    );
    const working = handle();
    await waitFor('the lease to be kept', async () => (calls.kept > 3 ? true : undefined));
    enough.resolve();
    assert.deepEqual(await working, { done: true });
    assert.equal((await read())?.status, 'ready');
  });

  test('that another worker does comes back when that one’s lease ends, whatever its clock says', async () => {
    await claim('other');
    later(leaseMs - 1500);
    const { calls, handle } = startWork(finish);
    assert.deepEqual(await handle(), { done: false, againInSeconds: 2 });
    later(-5 * leaseMs);
    assert.deepEqual(await handle(), { done: false, againInSeconds: leaseMs / 1000 });
    assert.equal(calls.begun, 0);
  });

  test('that kills its worker each time ends failed, and is not begun again', async () => {
    for (const worker of ['one', 'two']) {
      await claim(worker);
      later(leaseMs + 1);
    }
    const { calls, handle } = startWork(finish);
    assert.deepEqual(await handle(), { done: true });
    const { status, failure } = (await read()) ?? {};
    assert.deepEqual([status, failure, calls.begun], ['failed', attemptsUsedUp, 0]);
  });

  test('that fails for good says why; what it left is cleaned up, and that S3 is away then changes nothing', async () => {
    const failure = { code: 'broken', message: 'It is broken.' };
    const { calls, logs, handle } = startWork(fail(new JobFailedError(failure)));
    assert.deepEqual(await handle(), { done: true });
    assert.deepEqual([(await read())?.failure, calls.cleanedUp], [failure, 1]);
    assert.match(logs.text(), /could not remove what an attempt stored/);
  });

  test('that went to another worker is left to that one', async () => {
    const { calls, handle } = startWork(fail(new FencedOffError('somebody else has it')));
    assert.deepEqual(await handle(), { done: true });
    assert.deepEqual([(await read())?.status, calls.cleanedUp], ['preparing', 1]);
  });

  for (const [what, error, tries] of [
    ['for a reason that nobody knows uses up a try', new Error('?'), 1],
    ['because a service is away uses up none', unavailable('storage', undefined), 0],
    ['for a reason that says so uses up none', new TryAgainError('?', { countsAsAttempt: false }), 0],
  ] as const) {
    test(`that fails ${what}, and comes back after a while`, async () => {
      const { calls, handle } = startWork(fail(error));
      const outcome = await handle();
      assert.ok(!outcome.done && outcome.againInSeconds >= 1);
      const { leaseOwner, tries: used } = (await read()) ?? {};
      assert.deepEqual([leaseOwner, used, calls.cleanedUp], [undefined, tries, 1]);
    });
  }

  test('that fails again and again waits longer each time, from its last progress on', async () => {
    const waitAfter = async (facts: object) => {
      await documents.put({ TableName: table, Item: { ...(await read()), attempt: 11, tries: 0, ...facts } });
      const outcome = await startWork(fail(unavailable('storage', undefined)), { leaseMs: 100_000 }).handle();
      return outcome.done ? Number.NaN : outcome.againInSeconds;
    };
    assert.equal(await waitAfter({ progressAttempt: 11 }), 1);
    const longest = await waitAfter({ progressAttempt: 0 });
    assert.ok(longest >= 25 && longest <= 50, `${longest} s`);
  });

  for (const name of ['AccessDenied', 'AccessDeniedException']) {
    test(`that is not permitted (${name}) alarms the operator, and uses up no try`, async () => {
      const { logs, handle } = startWork(fail(named(name)));
      await handle();
      assert.equal((await read())?.tries, 0);
      assert.equal(logs.entries().filter(({ alarm, level }) => alarm === true && level === 50).length, 1);
    });
  }

  for (const [what, reason, tries] of [
    ['because the process ends comes back at once, with all its tries', undefined, 0],
    ['because a function’s time is up comes back at once; that was a try', named('TimeoutError'), 1],
  ] as const) {
    test(`that is given up ${what}, whatever it made fail`, async () => {
      for (const error of [new Error('cut off'), new TryAgainError('?', { countsAsAttempt: !tries })]) {
        const { tries: before } = (await read()) ?? {};
        const { handle } = startWork(fail(error));
        assert.deepEqual(await handle(AbortSignal.abort(reason)), { done: false, againInSeconds: 0 });
        assert.equal((await read())?.tries, before + tries);
        await documents.put({ TableName: table, Item: { ...(await read()), tries: 0 } });
      }
    });
  }

  test('that may be tried less often than usual fails with the reason of its own', async () => {
    const limit = { tries: 1, failure: { code: 'broken', message: 'It is broken.' } };
    const { handle } = startWork(fail(new TryAgainError('?', { countsAsAttempt: true, limit })));
    assert.deepEqual(await handle(), { done: true });
    assert.deepEqual((await read())?.failure, limit.failure);
  });
});
