import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  OcrBusyError,
  OcrFailedError,
  UnreadableDocumentError,
} from '../../../src/local/textract/ocr.errors.ts';
import { createReaderPool } from '../../../src/local/textract/reader-pool.ts';
import { waitFor } from '../../support/wait.ts';

type Options = Partial<Parameters<typeof createReaderPool>[0]>;

async function withPool(options: Options, use: (pool: ReturnType<typeof createReaderPool>) => Promise<void>) {
  const pool = createReaderPool({
    readers: 1,
    settings: { languages: [] },
    processFile: new URL('./stub.process.ts', import.meta.url),
    ...options,
  });
  try {
    await use(pool);
  } finally {
    await pool.close();
  }
}

for (const command of ['crash', 'exit', 'break', 'spin']) {
  test(`a process that a document makes ${command} fails that document only, and is replaced`, async () => {
    await withPool({ deadlineMs: command === 'spin' ? 2000 : 10_000 }, async (pool) => {
      const bad = assert.rejects(pool.read(Buffer.from(command)), OcrFailedError);
      const good = pool.read(Buffer.from('read'));
      await bad;
      assert.deepEqual(await good, []);
    });
  });
}

test('a broken image fails alone and costs no process', async () => {
  await withPool({}, async (pool) => {
    await assert.rejects(pool.read(Buffer.from('unreadable')), UnreadableDocumentError);
    assert.equal(pool.state().ready, 1);
    assert.deepEqual(await pool.read(Buffer.from('read')), []);
  });
});

test('one group’s documents do not stand before another’s', async () => {
  await withPool({}, async (pool) => {
    const read: string[] = [];
    const groups = ['alice', 'alice', 'alice', 'alice', 'bob', 'carol'];
    await Promise.all(
      groups.map(async (group) => {
        await pool.read(Buffer.from('read'), { group });
        read.push(group);
      }),
    );
    assert.deepEqual(read, ['alice', 'bob', 'carol', 'alice', 'alice', 'alice']);
  });
});

test('the queue is bounded', async () => {
  await withPool({ queueLimit: 2 }, async (pool) => {
    const waiting = [pool.read(Buffer.from('read')), pool.read(Buffer.from('read'))];
    await assert.rejects(pool.read(Buffer.from('read')), OcrBusyError);
    await Promise.all(waiting);
  });
});

test('a document whose caller went away leaves the queue', async () => {
  await withPool({}, async (pool) => {
    const gone = new AbortController();
    const waiting = pool.read(Buffer.from('spin'), { signal: gone.signal });
    assert.equal(pool.state().waiting, 1);
    gone.abort();
    await assert.rejects(waiting, { name: 'AbortError' });
    assert.deepEqual([pool.state().waiting, await pool.read(Buffer.from('read'))], [0, []]);
  });
});

test('nobody waits for ever for a process', async () => {
  await withPool({ waitMs: 200 }, async (pool) => {
    await waitFor('a warm process', async () => (pool.state().ready > 0 ? true : undefined));
    const hung = assert.rejects(pool.read(Buffer.from('spin')), OcrFailedError);
    await assert.rejects(pool.read(Buffer.from('read')), OcrBusyError);
    await pool.close();
    await hung;
  });
});
