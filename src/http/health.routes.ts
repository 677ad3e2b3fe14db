import { Router } from 'express';
import type { Logger } from '../runtime/logger.ts';

const timeoutMs = 3000;

/** `live`: the process answers. `ready`: its dependencies do too; failing ones are named. */
export function healthRoutes({
  checks,
  logger,
}: {
  checks: Record<string, () => Promise<void>>;
  logger: Logger;
}) {
  const router = Router();

  async function isUp(name: string, check: () => Promise<void>): Promise<boolean> {
    let timer: NodeJS.Timeout | undefined;
    const patience = new Promise<never>((_resolve, reject) => {
      timer = setTimeout(() => reject(new Error(`no response within ${timeoutMs} ms`)), timeoutMs);
    });
    try {
      await Promise.race([check(), patience]);
      return true;
    } catch (error) {
      logger.warn({ err: error, dependency: name }, 'dependency unavailable');
      return false;
    } finally {
      clearTimeout(timer);
    }
  }

  router.get('/health/live', (_request, response) => {
    response.json({ status: 'ok' });
  });

  router.get('/health/ready', async (_request, response) => {
    const names = Object.keys(checks);
    const up = await Promise.all(names.map((name) => isUp(name, checks[name] as () => Promise<void>)));
    const down = names.filter((_, index) => !up[index]);
    response
      .status(down.length === 0 ? 200 : 503)
      .json({ status: down.length === 0 ? 'ok' : 'unavailable', down });
  });

  return router;
}
