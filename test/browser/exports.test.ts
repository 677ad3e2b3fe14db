// The exports page, as people use it: make, follow, open, download, and be told what is out of date.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { textJpeg } from '../support/images.ts';
import { findBarriers } from './axe.ts';
import {
  chooseFiles,
  createProject,
  follow,
  isReady,
  openSite,
  type Site,
  signIn,
  textOf,
  waitForDownload,
  waitForPages,
  waitForTexts,
} from './site.ts';

describe('the exports page', () => {
  let site: Site;
  before(async () => {
    site = await openSite({ worker: true, textract: ['Dear Sir or Madam'] });
  });
  after(() => site?.stop());

  it('makes files, shows how far they are, opens and downloads them, and says when pages have changed since', async () => {
    await site.visit({}, async (visitor) => {
      const { page } = visitor;
      await signIn(page, 'alice@example.com', site.url);
      const projectUrl = await createProject(page, 'Letters');
      await page.goto(`${projectUrl}/exports`);
      assert.match(await textOf(page, '.empty'), /No exports yet/);
      assert.deepEqual(await findBarriers(page), []);

      await page.goto(projectUrl);
      await chooseFiles(page, [await site.file('letter.jpg', await textJpeg(['Dear Sir or Madam']))]);
      await waitForPages(page, (pills) => pills.length === 1 && pills.every(isReady));
      await page.goto(`${projectUrl}/exports`);
      await follow(page, () => page.click('#make-zip'));
      assert.equal(page.url(), `${projectUrl}/exports`);
      await waitForTexts(page, '.export-row .pill', ([pill]) => pill === 'ready');
      await follow(page, () => page.click('#make-searchable-pdf'));
      await waitForTexts(page, '.export-row .pill', (pills) => pills.length === 2 && pills.every(isReady));
      assert.match(await textOf(page, '.export-row'), /by Alice.*1 page.*up to date/s);
      assert.deepEqual(await findBarriers(page), []);

      // What opens in a tab of its own: a headless shell has no viewer, so the answer's headers speak for it.
      const shown = await page.$eval('.export-row:first-child a[target="_blank"]', async (link) => {
        const { headers } = await fetch((link as HTMLAnchorElement).href);
        return [headers.get('content-type'), headers.get('content-disposition')?.split(';')[0]];
      });
      assert.deepEqual(shown, ['application/pdf', 'inline']);
      await page.click('.export-row:last-child a[download]');
      assert.equal((await waitForDownload(visitor)).name, 'Letters.zip');

      await page.goto(projectUrl);
      await chooseFiles(page, [await site.file('second.jpg', await textJpeg(['Yours faithfully']))]);
      await waitForPages(page, (pills) => pills.length === 2 && pills.every(isReady));
      await page.goto(`${projectUrl}/exports`);
      await waitForTexts(page, '.export-row .doubt-text', (texts) => texts.length === 2);
    });
  });
});
