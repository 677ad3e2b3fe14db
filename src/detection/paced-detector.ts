// Keeps all workers together within the detector's calls a second, which are a quota of the AWS account.
import { setTimeout as delay } from 'node:timers/promises';
import type { SharedRates } from '../aws/shared-rate.store.ts';
import type { Logger } from '../runtime/logger.ts';
import type { TextDetector } from './text-detector.ts';

interface Dependencies {
  detector: TextDetector;
  rates: Pick<SharedRates, 'reserve'>;
  /** 0: no limit. */
  callsPerSecond: number;
  logger: Logger;
}

/** Each call waits for a moment of its own. Without the database that counts them, calls are made at once. */
export function paceDetector({ detector, rates, callsPerSecond, logger }: Dependencies): TextDetector {
  if (callsPerSecond === 0) return detector;
  const asked = { kind: 'detector', key: 'calls', perMinute: callsPerSecond * 60 };

  async function waitForMoment(): Promise<number | undefined> {
    try {
      return await rates.reserve(asked);
    } catch (error) {
      logger.warn(
        { err: error },
        'the calls of the text detector are not counted; throttled ones are retried',
      );
      return 0;
    }
  }

  return {
    ...detector,
    async detect(key, withinMs, signal) {
      const startedAt = performance.now();
      const waitMs = await waitForMoment();
      if (waitMs === undefined || waitMs >= withinMs)
        return { outcome: 'try-again', cause: new Error('All calls are reserved'), countsAsAttempt: false };
      if (waitMs > 0) await delay(waitMs, undefined, { signal }).catch(() => {}); // the detector answers for what is aborted
      return detector.detect(key, withinMs - (performance.now() - startedAt), signal);
    },
  };
}
