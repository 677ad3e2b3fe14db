// Searching as people do it: by keyboard alone, and without script.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { HTTPRequest, Page } from 'puppeteer-core';
import { addPage, addProject } from '../search/stage.ts';
import { textJpeg } from '../support/images.ts';
import { findBarriers } from './axe.ts';
import { follow, openSite, type Site, signIn, textsOf, waitForTexts } from './site.ts';

/** By its key, once its script runs. */
async function openSearch(page: Page) {
  await page.waitForSelector('#search-q[role=combobox]');
  await page.keyboard.press('/');
}

describe('search in a browser', () => {
  let site: Site;

  before(async () => {
    site = await openSite({});
    const { paperlift } = site;
    const lines = ['LIM SENG THO HARDWARE', 'Tel 03-6258 7191', 'Subtotal 7.00', 'Hardware <b>bold</b>'];
    const data = await textJpeg(lines, { width: 900, height: 1200 });
    const mine = await addProject(paperlift, 'alice@example.com', 'May expenses, Kuala Lumpur');
    await addPage(paperlift, mine, lines, { data, width: 900, height: 1200 });
    for (let number = 1; number <= 9; number += 1) {
      await addPage(paperlift, mine, [`Invoice ${number}`, 'Subtotal 9.00'], {
        data,
        width: 900,
        height: 1200,
      });
    }
  });
  after(() => site?.stop());

  it('leads by keyboard alone from any page to the word on the image', async () => {
    await site.visit({}, async ({ page }) => {
      await signIn(page, 'alice@example.com', site.url);
      await openSearch(page);
      await page.keyboard.type('hardw');
      await waitForTexts(page, '.hit-line mark', ([mark]) => mark === 'HARDW'); // what was typed as a whole
      assert.equal((await textsOf(page, '.hit-line'))[0], 'LIM SENG THO HARDWARE');
      await page.keyboard.press('ArrowDown');
      const active = await page.$eval('#search-q', (input) => input.getAttribute('aria-activedescendant'));
      assert.equal(active, 'hit-0');
      assert.deepEqual(await findBarriers(page), []);
      await follow(page, () => page.keyboard.press('Enter'));
      assert.deepEqual(await textsOf(page, '.word.found'), ['HARDWARE', 'Hardware']);
      assert.equal(await page.$$eval('polygon.found', (boxes) => boxes.length), 2);
      assert.match(page.url(), /#found$/);
      assert.deepEqual(await findBarriers(page), []);
    });
  });

  it('closes by Escape, keeps what was typed, and opens everything that was found by Enter', async () => {
    await site.visit({}, async ({ page }) => {
      await signIn(page, 'alice@example.com', site.url);
      await openSearch(page);
      await page.keyboard.type('subtotal');
      await waitForTexts(page, '.hit mark', (texts) => texts.join() === Array(7).fill('Subtotal').join());
      await page.keyboard.press('Escape');
      assert.equal(await page.$eval('#search-list', (list) => (list as HTMLElement).hidden), true);
      await follow(page, () => page.keyboard.press('Enter'));
      assert.equal((await textsOf(page, '.found-line')).length, 10);
      assert.equal(await page.$eval('#search-q', (input) => (input as HTMLInputElement).value), 'subtotal');
      assert.deepEqual(await findBarriers(page), []);
      await openSearch(page);
      await page.keyboard.type('nowhere');
      await waitForTexts(page, '.hit-none', (texts) => texts[0] === 'No results for “nowhere”');
      assert.deepEqual(await findBarriers(page), []);
    });
  });

  it('stays closed by Escape when an answer comes late', async () => {
    await site.visit({ expected: /net::ERR_ABORTED/ }, async ({ page }) => {
      await signIn(page, 'alice@example.com', site.url);
      await openSearch(page);
      await page.keyboard.type('subt');
      await waitForTexts(page, '.hit mark', (texts) => texts.length > 0);
      const asked = Promise.withResolvers<HTTPRequest>();
      const over = new Promise((resolve) => {
        for (const end of ['requestfailed', 'requestfinished'] as const) page.on(end, resolve);
      });
      page.on('request', (request) => asked.resolve(request));
      await page.setRequestInterception(true);
      await page.keyboard.type('otal');
      const late = await asked.promise;
      await page.keyboard.press('Escape');
      await late.continue().catch(() => {}); // nobody waits for it any more
      await over;
      await page.evaluate(() => new Promise(requestAnimationFrame));
      assert.equal(await page.$eval('#search-list', (list) => (list as HTMLElement).hidden), true);
    });
  });

  it('works without script', async () => {
    await site.visit({ script: false, width: 360 }, async ({ page }) => {
      await page.goto(site.url);
      await follow(page, () => page.click('button[value="alice@example.com"]'));
      await follow(page, () => page.click('button.primary')); // Continue
      await page.type('#search-q', '6258');
      await follow(page, () => page.keyboard.press('Enter'));
      assert.deepEqual(await textsOf(page, '.found-line'), ['Tel 03-6258 7191']);
      await follow(page, () => page.click('.found-line'));
      assert.equal(await page.$$eval('polygon.found', (boxes) => boxes.length), 1);
    });
  });
});
