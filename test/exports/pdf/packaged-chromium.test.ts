import assert from 'node:assert/strict';
import { chmod, mkdir, mkdtemp, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, before, test } from 'node:test';
import { createBrowserSupervisor } from '../../../src/exports/pdf/browser.supervisor.ts';
import { unpackChromium } from '../../../src/exports/pdf/packaged-chromium.ts';
import { PdfRenderError } from '../../../src/exports/pdf/pdf-render.error.ts';

const skip = !isInstalled() && 'the packaged browser is not installed on this platform';
const refused = (error: unknown) => error instanceof PdfRenderError && error.reason === 'no-browser';

function isInstalled(): boolean {
  try {
    return (
      Boolean(import.meta.resolve('@sparticuz/chromium')) &&
      process.platform === 'linux' &&
      process.arch === 'x64'
    );
  } catch {
    return false;
  }
}

let directory: string;
before(async () => {
  directory = await mkdtemp(join(tmpdir(), 'paperlift-packaged-test-'));
});
after(() => rm(directory, { recursive: true }));

test('the packaged browser is unpacked once, for us alone, and runs', { skip }, async () => {
  const own = join(directory, 'own');
  const [first, second] = await Promise.all([
    unpackChromium({ directory: own }),
    unpackChromium({ directory: own }),
  ]);
  assert.deepEqual(first, second);
  assert.equal((await stat(own)).mode & 0o777, 0o700);
  const path = first?.path ?? '';
  const { mtimeMs } = await stat(path);
  await unpackChromium({ directory: own });
  assert.equal((await stat(path)).mtimeMs, mtimeMs);
  assert.equal(dirname(dirname(path)), own);
  const supervisor = createBrowserSupervisor({ findChromium: async () => first ?? { path, env: {} } });
  assert.match(await supervisor.run((browser) => browser.version(), { deadlineMs: 30_000 }), /Chrome\/\d+/);
  await supervisor.close();
});

test('a directory that somebody else prepared is not used', { skip }, async () => {
  const open = join(directory, 'open');
  await mkdir(open);
  await chmod(open, 0o777);
  await writeFile(join(open, 'chromium'), 'not ours');
  await assert.rejects(unpackChromium({ directory: open }), refused);
  const link = join(directory, 'link');
  await symlink(join(directory, 'elsewhere'), link);
  await assert.rejects(unpackChromium({ directory: link }), refused);
});
