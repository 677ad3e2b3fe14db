// Lines added by hand with mouse, finger and keys; and a session that ends while somebody writes.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Page } from 'puppeteer-core';
import { addReadProject, type DrawnLine } from '../support/read-pages.ts';
import { findBarriers } from './axe.ts';
import { openSite, type Site, signIn, signInAtProvider, textOf, textsOf, waitForTexts } from './site.ts';

const alice = 'alice@example.com';
const receipt: DrawnLine[] = ['Corner Bookshop~', 'Total~Tota1 24.80~', 'Thank you'];

describe('on the page for review', () => {
  let site: Site;
  before(async () => {
    site = await openSite({});
  });
  after(() => site?.stop());

  async function addPage(drawn = receipt) {
    const { path, pageIds, projectId } = await addReadProject(site.paperlift, alice, [drawn]);
    return {
      url: `${site.url}${path}/pages/${pageIds[0]}`,
      stored: () => site.paperlift.services.stores.pages.findWithText(projectId, pageIds[0] as string),
    };
  }
  const saved = (page: Page) => waitForTexts(page, '#save-status', ([status]) => status === 'Saved');
  const linesOf = (page: Page) => textsOf(page, '.line-text');

  it('a missed line is drawn with the mouse and written; it is moved by keys, undone, and added by keys alone', async () => {
    const { url, stored } = await addPage();
    await site.visit({ width: 1280 }, async ({ page }) => {
      await signIn(page, alice, url);
      await page.waitForSelector('.line[tabindex="0"]');
      await page.click('#add-line');
      await page.waitForSelector('#new-box');
      assert.deepEqual(await findBarriers(page), []);
      const { x, y, width, height } = await page.$eval('#scan', (scan) => {
        const { x, y, width, height } = scan.getBoundingClientRect();
        return { x, y, width, height };
      });
      // between the first line and the second
      await page.mouse.move(x + width * 0.1, y + height * 0.34);
      await page.mouse.down();
      await page.mouse.move(x + width * 0.3, y + height * 0.36, { steps: 3 });
      await page.mouse.move(x + width * 0.5, y + height * 0.39);
      await page.mouse.up();
      await page.keyboard.type('12 High Street');
      await page.keyboard.press('Enter');
      await waitForTexts(page, '.line-text', (lines) => lines.length === 4);
      assert.deepEqual(await linesOf(page), [
        'Corner Bookshop',
        '12 High Street',
        'Tota1 24.80',
        'Thank you',
      ]);
      await saved(page);
      const [line] = Object.values((await stored())?.added ?? {});
      const near = (value = 0, wanted = 0) =>
        assert.ok(Math.abs(value - wanted) < 0.02, `${value} ${wanted}`);
      near(line?.polygon[0].x, 0.1);
      near(line?.polygon[0].y, 0.34);
      near(line?.polygon[2].x, 0.5);
      assert.equal((await page.$$('#boxes-2 .box')).length, 3);

      await page.click('#line-2 .line-edit');
      await page.click('#add-box');
      await page.keyboard.press('ArrowDown');
      await page.keyboard.down('Shift');
      await page.keyboard.press('ArrowRight');
      await page.keyboard.up('Shift');
      await page.keyboard.press('Enter');
      assert.equal(await page.evaluate(() => document.activeElement?.id), 'add-text');
      await page.keyboard.press('Enter');
      await saved(page);
      await page.waitForFunction(() =>
        document.querySelector('#announcer')?.textContent?.startsWith('Line saved'),
      );
      const [moved] = Object.values((await stored())?.added ?? {});
      near(moved?.polygon[0].y, (line?.polygon[0].y ?? 0) + 0.005);
      assert.ok((moved?.polygon[2].x ?? 0) > (line?.polygon[2].x ?? 0));

      await page.click('[data-act="undo"]');
      await saved(page);
      await page.click('[data-act="undo"]');
      await waitForTexts(page, '.line-text', (lines) => lines.length === 3);

      await page.focus('#line-1');
      await page.keyboard.press('a');
      await page.keyboard.type('By keys');
      await page.keyboard.press('Enter');
      await waitForTexts(page, '.line-text', (lines) => lines.length === 4 && lines[3] === 'By keys');
      await page.click('#line-4 .line-edit');
      await page.click('#add-remove');
      await waitForTexts(page, '.line-text', (lines) => lines.length === 3);
    });
  });

  it('a page without text gets its lines by hand, with a finger on a phone', async () => {
    const { url } = await addPage([]);
    await site.visit({ width: 360 }, async ({ page }) => {
      await signIn(page, alice, url);
      await page.click('#add-line');
      await page.waitForSelector('#new-box');
      await page.type('#add-text', 'Too faint');
      await Promise.all([page.waitForSelector('.line-text'), page.click('#add-save')]);
      await waitForTexts(page, '.line-text', ([text]) => text === 'Too faint');
      assert.deepEqual(await findBarriers(page), []);
    });
  });

  it('a session that ended leads back through sign-in to the word, with what was typed; it is sent by nobody else', async () => {
    const { url, stored } = await addPage();
    await site.visit({ expected: /401 POST/ }, async ({ page }) => {
      await signIn(page, alice, url);
      await page.waitForSelector('.line[tabindex="0"]');
      const typeIn = async (text: string) => {
        await page.click('#line-2 .word');
        await page.keyboard.type(text);
      };
      await typeIn('Total');
      const cookies = await page.cookies();
      await page.deleteCookie(...cookies.filter(({ httpOnly }) => httpOnly));
      await page.keyboard.press('Enter');
      await waitForTexts(page, '#save-status', ([status]) => /signed out/.test(status ?? ''));
      await Promise.all([page.waitForSelector('button[name="person"]'), page.click('#save-status a')]);
      await signInAtProvider(page, alice);
      assert.equal(page.url(), url);
      await page.waitForSelector('.line .edit');
      assert.equal(await page.$eval('.line .edit', (field) => (field as HTMLInputElement).value), 'Total');
      assert.equal(await page.evaluate(() => document.activeElement?.matches('.edit')), true);
      assert.equal((await stored())?.corrections, undefined, 'nothing is sent by itself');
      await page.keyboard.press('Enter');
      await saved(page);
      assert.deepEqual((await stored())?.corrections, { l2: 'Total 24.80' });
      await page.reload();
      await page.waitForSelector('.line[tabindex="0"]');
      assert.equal(await page.$('.line .edit'), null, 'saved is forgotten');

      await page.click('#line-3 .word');
      await page.keyboard.type('Thanks');
      await page.keyboard.press('Escape');
      await page.reload();
      await page.waitForSelector('.line[tabindex="0"]');
      assert.equal(await page.$('.line .edit'), null, 'given up is forgotten');

      await page.click('#add-line');
      await page.waitForSelector('#new-box');
      await page.keyboard.type('Not yet');
      await page.evaluate(() => {
        window.onbeforeunload = null;
      });
      await page.reload();
      await page.waitForSelector('#new-box');
      assert.equal(await page.$eval('#add-text', (field) => (field as HTMLInputElement).value), 'Not yet');
      await page.evaluate(() => {
        const review = document.getElementById('review');
        for (const key of Object.keys(sessionStorage)) {
          const other = key.replace(review?.dataset.person ?? '-', 'p-somebody');
          const value = sessionStorage.getItem(key) ?? '';
          sessionStorage.removeItem(key);
          sessionStorage.setItem(other, value);
        }
      });
      await page.reload();
      await page.waitForSelector('.line[tabindex="0"]');
      assert.equal(await page.$('#new-box'), null, 'another person’s is not shown');
    });
  });

  it('a project’s name that was sent when the session had ended stands in its field again', async () => {
    await site.visit({ expected: /401 POST/ }, async ({ page }) => {
      await signIn(page, alice, site.url);
      await page.evaluate(() => {
        const field = document.getElementById('new-name');
        const menu = field?.closest('details');
        if (menu) menu.open = true;
      });
      await page.type('#new-name', 'Receipts of June');
      const cookies = await page.cookies();
      await page.deleteCookie(...cookies.filter(({ httpOnly }) => httpOnly));
      await Promise.all([page.waitForSelector('a[href^="/auth/login"]'), page.keyboard.press('Enter')]);
      assert.match(await textOf(page, 'main'), /session has ended/);
      await Promise.all([
        page.waitForSelector('button[name="person"]'),
        page.click('a[href^="/auth/login"]'),
      ]);
      await signInAtProvider(page, alice);
      assert.equal(
        await page.$eval('#new-name', (field) => (field as HTMLInputElement).value),
        'Receipts of June',
      );
      await Promise.all([page.waitForNavigation(), page.keyboard.press('Enter')]);
      assert.match(await textOf(page, 'h1'), /Receipts of June/);
    });
  });
});
