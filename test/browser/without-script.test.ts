// The whole main job in a browser that runs no script: plain links and forms, and loading a page again to see news.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { readTexts } from '../exports/pdf/pdf-reading.ts';
import { withoutSpace } from '../exports/pdf/readers/read-pdf.ts';
import { textJpeg } from '../support/images.ts';
import { waitFor } from '../support/wait.ts';
import {
  chooseFiles,
  createProject,
  follow,
  isReady,
  isSeen,
  openSite,
  type Site,
  textOf,
  textsOf,
  waitForDownload,
} from './site.ts';

describe('the main job without script', () => {
  let site: Site;

  before(async () => {
    site = await openSite();
  });
  after(() => site?.stop());

  it('takes bob from the sign-in to a searchable PDF by links and forms alone', async () => {
    const lines = ['City Taxi', 'Airport to harbour 38.50'];
    const paths = [
      await site.file('one.jpg', await textJpeg(lines, { height: 300 })),
      await site.file('two.jpg', await textJpeg(['Harbour Hotel'], { height: 200 })),
      await site.file('notes.jpg', 'no image'),
    ];
    await site.visit({ script: false }, async (visitor) => {
      const { page } = visitor;
      await page.goto(site.url);
      await follow(page, () => page.click('button[value="bob@example.com"]'));
      assert.match(await textOf(page, 'main'), /If nothing happens, press Continue/);
      await follow(page, () => page.click('button.primary')); // Continue
      assert.equal(page.url(), `${site.url}/`);

      const projectUrl = await createProject(page, 'By hand');
      assert.ok(await isSeen(page, '#files'), 'the file field itself is there');
      await page.$eval('#files', (field) => field.removeAttribute('required'));
      const none = await follow(page, () => page.click('#upload button'));
      assert.equal(none?.status(), 400);
      assert.match(
        await textOf(page, '#upload-refusals'),
        /No file was selected\. Select one or more photos/,
      );

      await chooseFiles(page, paths);
      await follow(page, () => page.click('#upload button'));
      assert.match(
        await textOf(page, '#upload-refusals'),
        /^1 file wasn’t added\s+notes\.jpg: This isn’t an image/,
      );
      assert.equal((await textsOf(page, '.page-card')).length, 2);
      await page.goto(projectUrl);
      await reloadUntil('.page-head .pill', (pills) => pills.length === 2 && pills.every(isReady));

      await follow(page, () => page.click('.page-link'));
      assert.deepEqual(await textsOf(page, '.line-text'), lines);
      assert.equal((await page.$$('.box')).length, 6);
      assert.equal(await isSeen(page, '#copy'), false, 'nothing is offered that would not work');
      await follow(page, () => page.click('a[rel="next"]'));
      assert.equal(await textOf(page, 'h1'), 'Page 2 of 2');
      await follow(page, () => page.click('.review-head .crumbs a:last-of-type'));

      await page.click('.head details.menu summary');
      await follow(page, () => page.click('button[value="searchable-pdf"]'));
      await reloadUntil('.export-row .pill', ([pill]) => pill === 'ready');
      await page.click('.export-row a[download]');
      const pdf = await waitForDownload(visitor);
      const text = (await readTexts(pdf.path)).join('');
      for (const line of [...lines, 'Harbour Hotel']) assert.ok(text.includes(withoutSpace(line)), text);

      await page.click('.person-menu summary');
      await follow(page, () => page.click('form[action="/auth/logout"] button'));
      assert.match(await textOf(page, 'main'), /You’re signed out/);

      async function reloadUntil(selector: string, wanted: (texts: string[]) => boolean) {
        await waitFor(`${selector} after loading again`, async () => {
          const texts = await textsOf(page, selector);
          if (wanted(texts)) return true;
          assert.match(await textOf(page, 'main'), /Reload this page/);
          await follow(page, () => page.click('noscript a'));
          return undefined;
        });
      }
    });
  });

  it('brings carol back to the address that she asked for', async () => {
    await site.visit({ script: false }, async ({ page }) => {
      await page.goto(`${site.url}/admin`);
      await follow(page, () => page.click('button[value="carol@example.com"]'));
      await follow(page, () => page.click('button.primary'));
      assert.equal(page.url(), `${site.url}/admin`);
      assert.equal(await textOf(page, 'h1'), 'Administration');
    });
  });
});
