import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { paceDetector } from '../../src/detection/paced-detector.ts';
import type { DetectionOutcome, TextDetector } from '../../src/detection/text-detector.ts';
import { createLogger } from '../../src/runtime/logger.ts';
import { createLogCapture } from '../support/log-capture.ts';
import { type Paperlift, startPaperlift } from '../support/paperlift.ts';
import { waitFor } from '../support/wait.ts';

const withinMs = 60_000;
const detected: DetectionOutcome = { outcome: 'detected', detection: { lines: [] } };

describe('the calls of the text detector', () => {
  let paperlift: Paperlift;
  const logs = createLogCapture();
  const times: number[] = [];
  const detector: TextDetector = {
    async detect() {
      times.push(performance.now());
      return detected;
    },
    destroy() {},
  };
  before(async () => {
    paperlift = await startPaperlift({ databaseFaults: true });
  });
  after(() => paperlift.stop());

  /** A worker of its own, with the table that all share. */
  const startWorker = (callsPerSecond: number) =>
    paceDetector({
      detector,
      rates: paperlift.services.stores.sharedRates,
      callsPerSecond,
      logger: createLogger({ level: 'info', destination: logs.destination }),
    });
  const detectWith = (worker: TextDetector, within = withinMs, signal = new AbortController().signal) =>
    worker.detect('key', within, signal);

  test('of all workers together stay within the quota, one after the other', async () => {
    times.length = 0;
    const workers = [startWorker(20), startWorker(20)];
    const answers = await Promise.all(
      workers.flatMap((worker) => Array.from({ length: 10 }, () => detectWith(worker))),
    );
    assert.deepEqual(new Set(answers), new Set([detected]));
    const seconds = ((times.at(-1) ?? 0) - (times[0] ?? 0)) / 1000;
    assert.ok(seconds > 0.85, `20 calls at 20 a second within ${seconds} s`);
  });

  test('that would come too late are tried again, without using up the page’s attempts', async () => {
    const worker = startWorker(1);
    await detectWith(worker);
    await detectWith(worker, withinMs, AbortSignal.abort()); // reserves the next second
    const { outcome, ...rest } = await detectWith(worker, 500);
    assert.equal(outcome, 'try-again');
    assert.equal('countsAsAttempt' in rest && rest.countsAsAttempt, false);
  });

  test('get a moment each, as long as the next minute has one', async () => {
    const { sharedRates } = paperlift.services.stores;
    const reserve = () => sharedRates.reserve({ kind: 'detector', key: 'full', perMinute: 2 });
    const moments = [await reserve(), await reserve(), await reserve()];
    assert.equal(moments[0], 0);
    assert.ok((moments[1] ?? 0) > 25_000 && (moments[1] ?? 0) <= 30_000, `${moments[1]} ms`);
    assert.equal(moments[2], undefined);
  });

  test('are tried again where the whole next minute is reserved', async () => {
    const worker = startWorker(1 / 60);
    // reserves it; what the tests before have reserved is soon over
    await waitFor('a call', async () =>
      (await detectWith(worker)).outcome === 'detected' ? true : undefined,
    );
    const count = times.length;
    assert.equal((await detectWith(worker)).outcome, 'try-again');
    assert.equal(times.length, count, 'the detector is not called');
  });

  test('go on, uncounted, while the database does not answer', async () => {
    const release = paperlift.database.when('UpdateItem', { kind: 'reset' });
    try {
      assert.equal(await detectWith(startWorker(20)), detected);
      assert.match(logs.text(), /calls of the text detector are not counted/);
    } finally {
      release();
    }
  });

  test('are not counted where there is no limit', () => {
    assert.equal(startWorker(0), detector);
  });
});
