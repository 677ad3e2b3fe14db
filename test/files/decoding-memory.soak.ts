// What decoding takes, measured in a process of its own for each image, beside what was estimated.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { after, before, describe, test } from 'node:test';
import sharp from 'sharp';
import { estimatePreparing } from '../../src/detection/page-image.ts';
import { withJpegOrientation, withOrientation } from '../support/odd-images.ts';

const full = { chromaSubsampling: '4:4:4' } as const;

describe('the estimate is not below what decoding takes', { skip: process.platform !== 'linux' }, () => {
  let folder: string;
  before(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'paperlift-cost-'));
  });
  after(() => rm(folder, { recursive: true, force: true }));

  const even = (side: number, channels: 3 | 4 = 3) =>
    sharp({
      create: { width: side, height: side, channels, background: { r: 200, g: 190, b: 180, alpha: 0.5 } },
    });

  test('of JPEG, PNG and WebP, also turned', { timeout: 120_000 }, async () => {
    const side = 3000;
    const turned = { orientation: 6 };
    const files = {
      'progressive.jpg': await even(side)
        .jpeg({ ...full, progressive: true })
        .withMetadata(turned)
        .toBuffer(),
      'progressive-cmyk.jpg': withJpegOrientation(
        await even(side)
          .toColourspace('cmyk')
          .jpeg({ ...full, progressive: true })
          .toBuffer(),
        6,
      ),
      'baseline.jpg': await even(side).jpeg().withMetadata(turned).toBuffer(),
      'interlaced.png': withOrientation(
        await even(side, 4).toColourspace('rgb16').png({ progressive: true, compressionLevel: 1 }).toBuffer(),
        6,
      ),
      'lossless.webp': await even(side, 4)
        .webp({ lossless: true, effort: 0 })
        .withMetadata(turned)
        .toBuffer(),
    };
    const program = path.join(import.meta.dirname, 'measure-decoding.process.ts');
    for (const [name, file] of Object.entries(files)) {
      const given = path.join(folder, name);
      await writeFile(given, file);
      const child = spawn(process.execPath, [program, given], { stdio: ['ignore', 'pipe', 'inherit'] });
      const peak = Number(await text(child.stdout));
      const estimate = await estimatePreparing(file, 0);
      const say = `${name}: ${Math.round(peak / 1e6)} MB of ${Math.round(estimate / 1e6)} MB`;
      assert.ok(peak < estimate + 15_000_000, say); // what sharp loads at its first use
      assert.ok(peak > estimate * 0.4, `${say}: the estimate is too cautious`);
    }
  });
});
