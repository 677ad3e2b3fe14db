import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { LineReader } from '../../../../src/local/textract/engine/line-reader.ts';
import { createScriptFinder } from '../../../../src/local/textract/engine/script-finder.ts';

/** Readers of which one makes sense of the page. */
function build({ page, installed }: { page: Record<string, string>; installed: string[] }) {
  const created: string[] = [];
  const open = new Set<string>();
  const finder = createScriptFinder({
    languages: ['en'],
    isInstalled: (tag) => installed.includes(tag),
    async createReader(languages): Promise<LineReader> {
      const name = languages.join();
      created.push(name);
      open.add(name);
      return {
        margin: 0,
        read: async () => [{ text: page[name] ?? 'a%', confidence: page[name] ? 92 : 45, from: 0, to: 9 }],
        calibrate: () => (confidence) => confidence,
        close: async () => {
          open.delete(name);
        },
      };
    },
  });
  return { finder, created, open };
}
const image = { data: new Uint8Array(3), width: 1, height: 1 };
const samples = [{ image, shape: 8 }];

test('the script whose letters are read with confidence is the page’s, and is tried first on the next one', async () => {
  const { finder, created, open } = build({
    page: { he: 'שלוםלכולם' },
    installed: ['en', 'zh', 'ko', 'he', 'hi'],
  });
  const reader = await finder.find(samples);
  assert.equal((await reader?.read(image))?.[0]?.text, 'שלוםלכולם');
  assert.deepEqual(created, ['zh', 'ko', 'he']);
  assert.equal(await finder.find(samples), reader);
  assert.deepEqual([created.length, [...open]], [3, ['he']]);
});

test('letters of another script than the reader’s count for nothing, and nothing is found in a photograph', async () => {
  const { finder } = build({ page: { ko: 'perfectly sure' }, installed: ['ko', 'ar'] });
  assert.equal(await finder.find(samples), undefined);
});

test('a few sure letters on long lines are no script', async () => {
  const { finder } = build({ page: { ko: '가' }, installed: ['ko'] });
  assert.equal(await finder.find(samples), undefined);
});

test('only what is installed is tried', async () => {
  const { finder, created } = build({ page: { hi: 'नमस्ते' }, installed: ['en', 'ar'] });
  assert.equal(await finder.find(samples), undefined);
  assert.deepEqual(created, ['ar']);
});
