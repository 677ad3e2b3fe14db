import type { Logger } from '../runtime/logger.ts';
import type { AnyJob } from './job.ts';
import type { JobQueue } from './job-queue.ts';

interface Options<Item, Job extends AnyJob> {
  queue: Pick<JobQueue<Job>, 'send'>;
  toJob: (item: Item) => Job;
  logger: Logger;
}

/**
 * Sends the message of an item that is already stored. Never throws: if sending fails, the sweeper sends the message
 * later.
 */
export function createEnqueue<Item, Job extends AnyJob>({ queue, toJob, logger }: Options<Item, Job>) {
  return async (item: Item): Promise<void> => {
    const job = toJob(item);
    try {
      await queue.send(job);
    } catch (error) {
      const details: object = { err: error, ...job };
      logger.warn(details, 'could not send the message; the sweeper will send it');
    }
  };
}
