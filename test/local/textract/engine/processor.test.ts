import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { sumsMayOverflow } from '../../../../src/local/textract/engine/processor.ts';

test('only x64 processors without VNNI, or of which nothing is known, are told to compute exactly', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'processor-'));
  t.after(() => rm(folder, { recursive: true }));
  const file = join(folder, 'cpuinfo');
  const answers = [];
  for (const flags of ['avx2 fma', 'avx2 avx512_vnni', 'avx2 avx_vnni']) {
    await writeFile(file, `processor\t: 0\nflags\t\t: fpu ${flags} sse4_2\n`);
    answers.push(sumsMayOverflow('x64', file));
  }
  assert.deepEqual(answers, [true, false, false]);
  assert.equal(sumsMayOverflow('x64', join(folder, 'missing')), true);
  assert.equal(sumsMayOverflow('arm64', join(folder, 'missing')), false);
});
