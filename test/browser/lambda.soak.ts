// Files past the functions, straight to S3, where everything runs on Lambda, in a real browser.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { noise } from '../support/odd-images.ts';
import { type LambdaSite, openLambdaSite } from './lambda-site.ts';
import { chooseFiles, createProject, signInAtProvider, waitForPages, waitForTexts } from './site.ts';

describe('on Lambda, in a browser', () => {
  let site: LambdaSite;
  before(async () => {
    site = await openLambdaSite();
  });
  after(() => site?.stop());

  it('a file that is no image is refused by name, and the good one beside it is taken', async () => {
    const photograph = await noise(3000, 2400).jpeg({ quality: 88 }).toBuffer();
    assert.ok(photograph.length > 4_000_000);
    const paths = [
      await site.file('good.jpg', photograph),
      await site.file('bad.jpg', Buffer.from('no image at all')),
    ];
    await site.visit({ expected: /415 POST/ }, async ({ page }) => {
      await signInAtProvider(page, 'bob@example.com', site.url);
      await createProject(page, 'Mixed');
      await chooseFiles(page, paths);
      await waitForPages(page, (pills) => pills.length === 1);
      const [refusal] = await waitForTexts(page, '.refusals li', (texts) => texts.length === 1);
      assert.match(refusal as string, /^bad\.jpg: This isn’t an image or PDF/);
      assert.equal(await page.$eval('#upload-progress', (card) => (card as HTMLElement).hidden), true);
    });
  });
});
