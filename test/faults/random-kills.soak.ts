// Workers killed at random moments, again and again. FAULT_ROUNDS and FAULT_SEED make it a soak test.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { startFaultStage } from '../support/fault-stage.ts';
import { createRandom } from '../support/random.ts';

const rounds = Number(process.env.FAULT_ROUNDS ?? 1);
const firstSeed = Number(process.env.FAULT_SEED ?? 1);
const killingMs = 9000;

for (let seed = firstSeed; seed < firstSeed + rounds; seed += 1) {
  test(`200 pages and two workers that are killed at random (seed ${seed}): every page is ready, exactly once`, async () => {
    const random = createRandom(seed);
    const stage = await startFaultStage({ LOG_LEVEL: 'info' });
    try {
      stage.proxies.textract.when('DetectDocumentText', () => ({ kind: 'slow', ms: random() * 150 }));
      const projectId = await stage.addProject();
      for (let count = 0; count < 200; count += 40) await stage.addPages(40, { projectId });
      const until = performance.now() + killingMs;
      let kills = 0;
      const dieAndRise = async () => {
        while (performance.now() < until) {
          const worker = await stage.startWorker();
          await delay(200 + random() * 1500);
          await worker.kill();
          kills += 1;
        }
      };
      await Promise.all([dieAndRise(), dieAndRise()]);
      assert.ok(kills >= 4, `${kills} kills`);
      await Promise.all([stage.startWorker(), stage.startWorker()]);
      const pages = await stage.settle(undefined, 180_000);
      assert.deepEqual([...new Set(pages.map(({ status }) => status))], ['ready']);
      await stage.assertConsistent({ leftovers: true });
    } finally {
      await stage.stop();
    }
  });
}
