// A process of the pool that does what the document says.
import type { ReaderAnswer, ReaderJob } from '../../../src/local/textract/reader-pool.ts';

const answer = (message: ReaderAnswer) => process.send?.(message);

process.on('message', ({ document }: ReaderJob) => {
  const command = Buffer.from(document).toString();
  if (command === 'crash') throw new Error('crashed');
  if (command === 'exit') process.exit(3);
  if (command === 'spin') for (;;);
  if (command === 'break') answer({ kind: 'failed', reason: 'broke' });
  if (command === 'unreadable') answer({ kind: 'unreadable', reason: 'broken' });
  if (command === 'read') answer({ kind: 'read', lines: [] });
});
process.once('disconnect', () => process.exit());
answer({ kind: 'ready' });
