// Files that the browser sends to S3 itself, by presigned addresses.
import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ElementHandle } from 'puppeteer-core';
import { createProject } from '../browser/site.ts';
import { sampleFiles } from '../parity/sample-files.ts';
import { openCompanyBrowser, signInByBrowser } from './browser-flows.ts';
import type { Part } from './part.ts';

export const uploadsPart: Part = {
  name: 'uploads: from the browser to S3',
  async run(surroundings) {
    const { addresses, configure, directory } = surroundings;
    await configure({ DIRECT_ABOVE_BYTES: '1000000' });
    const { huge } = await sampleFiles();
    const file = join(directory, huge.fileName);
    await writeFile(file, huge.body);
    const browser = await openCompanyBrowser(surroundings);
    const sent: string[] = [];
    try {
      await browser.visit({}, async ({ page }) => {
        page.on('response', (response) => {
          const { method, url } = { method: response.request().method(), url: new URL(response.url()) };
          if (url.origin === addresses.files) sent.push(`${method} ${response.status()}`);
        });
        await signInByBrowser(page, `${addresses.paperlift}/`, 'alice@example.com');
        await createProject(page, 'Straight from the browser');
        const input = (await page.$('#upload input[type="file"]')) as ElementHandle<HTMLInputElement>;
        await input.uploadFile(file);
        await page
          .waitForFunction(() => document.body.innerText.includes('Short note'), { timeout: 60_000 })
          .catch(async (error) => {
            throw new Error(
              `${error.message}: ${sent.join()}: ${await page.evaluate(() => document.body.innerText)}`,
            );
          });
      });
    } finally {
      await browser.stop();
    }
    assert.ok(sent.includes('PUT 200'), `the browser sent the file to S3: ${sent.join(', ')}`);
    const size = Math.round(huge.body.length / 1e6);
    return ['s3', 'proxy'].map((service) => ({
      service,
      tried: 'presigned upload from a browser, by the public address',
      found: `${size} MB arrive (${sent.join(', ')}): CORS and signature hold`,
    }));
  },
};
