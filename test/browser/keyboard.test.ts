// The main job by somebody who has no pointer: Tab, Enter and the arrows, and always seen where one is.
// Everything else is in keyboard.soak.ts.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { textJpeg } from '../support/images.ts';
import { damageJpeg } from './damaged-jpeg.ts';
import { chooseByKeys, tabTo } from './keys.ts';
import {
  follow,
  isReady,
  isSeen,
  openSite,
  type Site,
  textOf,
  textsOf,
  waitForDownload,
  waitForPages,
  waitForTexts,
} from './site.ts';

describe('by keyboard alone, one', () => {
  let site: Site;
  const lines = ['City Taxi', 'Airport to harbour'];

  before(async () => {
    site = await openSite({ worker: true, textract: lines });
  });
  after(() => site?.stop());

  it('goes from the sign-in to the download and out, with Tab, Enter and arrows', async () => {
    const good = await textJpeg(lines, { height: 300 });
    const paths = [
      await site.file('taxi.jpg', good),
      await site.file('damaged.jpg', damageJpeg(good)),
      await site.file('again.jpg', good),
    ];
    await site.visit({}, async (visitor) => {
      const { page } = visitor;
      await page.goto(site.url);
      await tabTo(page, 'button[value="alice@example.com"]');
      await page.keyboard.press('Enter');
      await page.waitForSelector('a.logo');
      await page.keyboard.press('Tab');
      assert.ok(await isSeen(page, '.skip-link'), 'the first stop leads past the head');
      await tabTo(page, '#new-name');
      await page.keyboard.type('By keys');
      await follow(page, () => page.keyboard.press('Enter'));
      assert.equal(await textOf(page, 'h1'), 'By keys');

      await tabTo(page, '#files', { shownBy: '.upload-label' });
      await chooseByKeys(page, paths);
      await waitForPages(page, (pills) => pills.map((pill) => isReady(pill)).join() === 'true,false,true');
      await waitForTexts(page, '.trouble', (troubles) => troubles.length === 1);
      assert.deepEqual(await textsOf(page, '.trouble button'), [], 'a damaged file is not tried again');

      await tabTo(page, '.page-link', { shownBy: '.page-card:has(:focus)' });
      await follow(page, () => page.keyboard.press('Enter'));
      assert.deepEqual(await textsOf(page, '.line-text'), lines);
      await tabTo(page, '#copy');
      await page.keyboard.press('Enter');
      await waitForTexts(page, '#announcer', ([said]) => said === 'Page text copied');
      assert.equal(await page.evaluate(() => navigator.clipboard.readText()), lines.join('\n'));
      await tabTo(page, '#line-1');
      await page.keyboard.press('ArrowDown');
      assert.equal(await page.evaluate(() => document.activeElement?.id), 'line-2');
      assert.deepEqual(
        await page.$$eval('.box.is-lit', (boxes) => boxes.map((box) => box.getAttribute('data-line'))),
        ['2', '2', '2'],
      );
      await follow(page, () => page.keyboard.press('ArrowRight'));
      assert.equal(await textOf(page, 'h1'), 'Page 2 of 3');
      await tabTo(page, 'a[rel="next"]');
      await follow(page, () => page.keyboard.press('Enter'));
      assert.equal(await textOf(page, 'h1'), 'Page 3 of 3');

      await tabTo(page, '.review-bar details summary');
      await page.keyboard.press('Enter');
      await page.keyboard.press('Escape');
      assert.equal(await isSeen(page, 'form[action$="/delete"]'), false, 'Escape closes the menu');
      await page.keyboard.press('Enter');
      await tabTo(page, 'form[action$="/delete"] button');
      await follow(page, () => page.keyboard.press('Enter'));
      assert.equal((await textsOf(page, '.page-card')).length, 2);

      await tabTo(page, '.actions details summary');
      await page.keyboard.press('Enter');
      await tabTo(page, 'button[value="searchable-pdf"]');
      await follow(page, () => page.keyboard.press('Enter'));
      await waitForTexts(page, '.export-row .pill', ([pill]) => pill === 'ready');
      await tabTo(page, '.export-row a[download]');
      await page.keyboard.press('Enter');
      assert.equal((await waitForDownload(visitor)).bytes.subarray(0, 5).toString(), '%PDF-');

      await tabTo(page, '#rename-open');
      await page.keyboard.press('Enter');
      await page.waitForFunction(() => document.activeElement?.id === 'rename');
      await page.keyboard.type('Renamed by keys'); // in place of what the field holds
      await follow(page, () => page.keyboard.press('Enter'));
      assert.equal(await textOf(page, 'h1'), 'Renamed by keys');
      await tabTo(page, '.manage-item summary');
      await page.keyboard.press('Enter');
      await tabTo(page, '.manage-item form[action$="/delete"] button');
      await follow(page, () => page.keyboard.press('Enter'));
      assert.match(await textOf(page, 'main'), /Create your first project/);

      await tabTo(page, '.person-menu summary');
      await page.keyboard.press('Enter');
      await tabTo(page, 'form[action="/auth/logout"] button');
      await follow(page, () => page.keyboard.press('Enter'));
      assert.match(await textOf(page, 'main'), /You’re signed out/);
    });
  });
});
