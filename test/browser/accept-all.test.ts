// Accepting all words of a line or page in a browser, and pages on which there is no text.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Page } from 'puppeteer-core';
import { addReadProject, type DrawnLine } from '../support/read-pages.ts';
import { findBarriers } from './axe.ts';
import { pressWith } from './keys.ts';
import { follow, isSeen, openSite, type Site, signIn, textOf, textsOf, waitForTexts } from './site.ts';

const receipt: DrawnLine[] = ['Corner~ Bookshop~ ***~', 'Total~Tota1 24.80~', 'Thank you', 'Visit~ again'];

describe('many words at once', () => {
  let site: Site;

  before(async () => {
    site = await openSite({});
  });
  after(() => site?.stop());

  async function addPages(...pages: DrawnLine[][]) {
    const { path, pageIds, projectId } = await addReadProject(site.paperlift, 'alice@example.com', pages);
    const [first = ''] = pageIds;
    return {
      url: `${site.url}${path}/pages/${first}`,
      project: `${site.url}${path}`,
      stored: () => site.paperlift.services.stores.pages.findWithText(projectId, first),
    };
  }

  it('are accepted by keys, line by line or all that are left, announced, and undone step by step', async () => {
    const { url, stored } = await addPages(receipt, ['Second~ page']);
    await site.visit({}, async ({ page }) => {
      await open(page, url);
      assert.equal(await textOf(page, '#to-check .pill'), '5 words to check', 'not the asterisks');
      await page.keyboard.press('n');
      await pressWith(page, 'Shift', 'Enter');
      await left(page, '3 words to check');
      assert.equal(await focusedText(page), 'Tota1', 'on to the next unsure word');
      await waitForTexts(page, '#announcer', ([said]) => said === 'Accepted 2 words on line 1. 3 left.');
      await pressWith(page, 'Control', 'Enter');
      await left(page, '1 on other pages');
      assert.match(
        await textOf(page, '#announcer'),
        /^Accepted 3 words on this page\. All words on this page/,
      );
      assert.equal((await page.$$('.doubt')).length, 0);
      assert.equal(await isSeen(page, '[data-act="accept-page"]'), false);
      assert.equal((await stored())?.doubtfulCount, 0);
      await pressWith(page, 'Control', 'z');
      await left(page, '3 words to check');
      await pressWith(page, 'Control', 'z');
      await left(page, '5 words to check');
      assert.deepEqual((await stored())?.accepted, {});
      await page.keyboard.press('ArrowDown');
      await page.keyboard.press('ArrowDown');
      await pressWith(page, 'Shift', 'Enter');
      assert.equal(await textOf(page, '#announcer'), 'This line has no unsure words.');
      await page.keyboard.press('?');
      assert.match(await textOf(page, '#keys'), /Accept all on this line[\s\S]*Accept all on this page/);
    });
  });

  it('are accepted by buttons on a telephone, which are large enough and have no barriers', async () => {
    const { url } = await addPages(receipt);
    await site.visit({ width: 360, height: 740 }, async ({ page }) => {
      await open(page, url);
      assert.deepEqual(await findBarriers(page), []);
      await page.setViewport({ width: 360, height: 740 });
      await page.click('[data-show="text"]');
      await page.click('#line-2 .line-accept');
      await left(page, '3 words to check');
      assert.equal(await isSeen(page, '#line-2 .line-accept'), false);
      await page.click('[data-act="accept-page"]');
      await left(page, 'all words checked');
      assert.notEqual(await page.evaluate(() => document.activeElement?.id), '', 'the focus is on a line');
      await page.click('.acts [data-act="undo"]');
      await left(page, '3 words to check');
      const wide = await page.evaluate(() => document.documentElement.scrollWidth);
      assert.ok(wide <= 360, `${wide} pixels wide`);
    });
  });

  it('are accepted without script', async () => {
    const { url } = await addPages(receipt);
    await site.visit({ script: false }, async ({ page }) => {
      await page.goto(url);
      await follow(page, () => page.click('button[value="alice@example.com"]'));
      await follow(page, () => page.click('button.primary'));
      await follow(page, () => page.click('#line-1 .line-accept'));
      assert.match(await textOf(page, '.text > .notice'), /Accepted/);
      assert.equal(await textOf(page, '#to-check .pill'), '3 words to check');
      await follow(page, () => page.click('#line-2 .line-edit'));
      await follow(page, () => page.click('.line-form button[name="words"]'));
      assert.equal(await textOf(page, '#to-check .pill'), '1 word to check');
      await follow(page, () => page.click('#to-check button'));
      assert.equal(await textOf(page, '#to-check'), 'all words checked');
      await follow(page, () => page.click('button[value="undo"]'));
      assert.equal(await textOf(page, '#to-check .pill'), '1 word to check');
    });
  });

  it('that could not be accepted are unsure again', async () => {
    const { url, stored } = await addPages(receipt);
    await site.visit({ expected: /409/ }, async ({ page }) => {
      await open(page, url);
      const { services, config } = site.paperlift;
      const { projectId, id } = (await stored()) ?? { projectId: '', id: '' };
      await services.clients.documents.update({
        TableName: config.aws.dynamodb.table,
        Key: { pk: `PROJECT#${projectId}`, sk: `PAGE#${id}` },
        UpdateExpression: 'SET revision = :two',
        ExpressionAttributeValues: { ':two': 2 },
      });
      await pressWith(page, 'Control', 'Enter');
      await page.waitForFunction(() => document.querySelectorAll('.word.doubt').length === 5);
      assert.equal(await textOf(page, '#to-check .pill'), '5 words to check');
    });
  });

  it('of handwriting are named as such, and to check until a person says so', async () => {
    const { url, stored } = await addPages(['Signed Bob^', 'Total 7.00']);
    await site.visit({}, async ({ page }) => {
      await open(page, url);
      assert.equal(await textOf(page, '#to-check .pill'), '1 word to check');
      assert.match(await textOf(page, '#line-1'), /Handwriting/);
      assert.doesNotMatch(await textOf(page, '#line-2'), /Handwriting/);
      assert.match(
        await page.$eval('.word.doubt', (word) => word.getAttribute('title') ?? ''),
        /Handwriting/,
      );
      assert.deepEqual(await findBarriers(page), []);
      await page.keyboard.press('n');
      assert.match(await page.$eval(':focus', (word) => word.getAttribute('aria-describedby') ?? ''), /hand/);
      await page.keyboard.press('Enter');
      await left(page, 'all words checked');
      assert.deepEqual((await stored())?.accepted, { l1: [1] });
    });
  });

  it('of noise alone are no text: the page says so, and what one can do', async () => {
    const { url, project } = await addPages(['***~ |~', '—~ ::~'], ['Second page']);
    await site.visit({ width: 360, height: 740 }, async ({ page }) => {
      await signIn(page, 'alice@example.com', url);
      assert.equal(await textOf(page, '.text-note h2'), 'No text was found on this page');
      assert.deepEqual([await textOf(page, '#to-check'), (await page.$$('.box')).length], ['', 0]);
      assert.deepEqual(await findBarriers(page), []);
      await page.setViewport({ width: 360, height: 740 });
      assert.ok(await isSeen(page, '.text-note a[href$="/replace"]'));
      assert.ok(await isSeen(page, '.text-note a[href$="/detect-again?from=page"]'));
      await page.click('#add-line');
      assert.ok(await isSeen(page, '#add-text'), 'a line can be added by hand');
      await page.goto(project);
      assert.deepEqual(await textsOf(page, '.page-head .pill'), ['no text', 'ready']);
    });
  });
});

/** Signs in, and waits until the page's script listens. */
async function open(page: Page, url: string) {
  await signIn(page, 'alice@example.com', url);
  await page.waitForSelector('.line[tabindex="0"]');
}

const left = (page: Page, text: string) => waitForTexts(page, '#to-check .pill', ([said]) => said === text);

const focusedText = (page: Page) => page.evaluate(() => document.activeElement?.textContent ?? '');
