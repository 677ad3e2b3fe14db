import { test } from 'node:test';
import { areEnginesShared } from './fault-engines.ts';
import { type FaultStage, startFaultStage } from './fault-stage.ts';

/** Each test has its own services, so that tests run in parallel: they mostly wait. */
export function faultTest(
  name: string,
  run: (stage: FaultStage) => Promise<void>,
  needs: { onDisk?: boolean } = {},
) {
  const skip =
    needs.onDisk && areEnginesShared && 'engines that tests share are not restarted by one of them';
  test(name, { skip }, async () => {
    const stage = await startFaultStage({}, needs);
    try {
      await run(stage);
    } finally {
      await stage.stop();
    }
  });
}
