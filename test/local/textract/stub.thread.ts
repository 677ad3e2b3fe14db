// A thread of the pool that does what the document says.
import { parentPort } from 'node:worker_threads';
import type { ThreadAnswer, ThreadJob } from '../../../src/local/textract/reader-pool.ts';

const answer = (message: ThreadAnswer) => parentPort?.postMessage(message);

parentPort?.on('message', ({ document }: ThreadJob) => {
  const command = Buffer.from(document).toString();
  if (command === 'crash') throw new Error('crashed');
  if (command === 'exit') process.exit(3);
  if (command === 'spin') for (;;);
  if (command === 'break') answer({ kind: 'failed', reason: 'broke' });
  if (command === 'unreadable') answer({ kind: 'unreadable', reason: 'broken' });
  if (command === 'read') answer({ kind: 'read', lines: [] });
});
answer({ kind: 'ready' });
