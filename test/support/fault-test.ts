import { test } from 'node:test';
import { type FaultStage, startFaultStage } from './fault-stage.ts';

/** Each test has services of its own, so that they can run side by side: most of their time is waiting. */
export function faultTest(
  name: string,
  run: (stage: FaultStage) => Promise<void>,
  needs: { onDisk?: boolean } = {},
) {
  test(name, async () => {
    const stage = await startFaultStage({}, needs);
    try {
      await run(stage);
    } finally {
      await stage.stop();
    }
  });
}
