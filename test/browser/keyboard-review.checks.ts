// What is done to a page's image and lines without a pointer, besides what the review's own test does.
import assert from 'node:assert/strict';
import type { HTTPRequest, Page } from 'puppeteer-core';
import { addPile } from '../support/piles.ts';
import { addReadProject, type DrawnLine } from '../support/read-pages.ts';
import { waitFor } from '../support/wait.ts';
import { enter, followAt, pressAt, pressWith, tabTo, waitForFocus } from './keys.ts';
import { isSeen, letPass, type Site, textOf, waitForTexts } from './site.ts';

const alice = 'alice@example.com';
const receipt: DrawnLine[] = ['Corner Bookshop~', 'Total~Tota1 24.80~', 'Thank you'];
const saved = (page: Page) => waitForTexts(page, '#save-status', ([status]) => status === 'Saved');

async function openPage(site: Site, page: Page) {
  const { path, pageIds, projectId } = await addReadProject(site.paperlift, alice, [receipt]);
  await enter(page, alice, `${site.url}${path}/pages/${pageIds[0]}`);
  await page.waitForSelector('.line[tabindex="0"]');
  return { path, api: `/api/v1/projects/${projectId}/pages/${pageIds[0]}` };
}

export async function sizesAndTurnsTheImage(site: Site) {
  await site.visit({}, async ({ page }) => {
    await openPage(site, page);
    const width = () => page.$eval('#scan img', (image) => image.clientWidth);
    const before = await width();
    await pressAt(page, '#zoom-in');
    const larger = await width();
    assert.ok(larger > before);
    await pressAt(page, '#zoom-out', { isBackwards: true });
    assert.ok((await width()) < larger);
    await pressAt(page, '#fit-page', { isBackwards: true });
    assert.equal(await page.$eval('#fit-page', (button) => button.getAttribute('aria-pressed')), 'true');
    await pressAt(page, '#fit-width', { isBackwards: true });
    for (let presses = 0; presses < 4; presses += 1) await page.keyboard.press('+');
    await tabTo(page, '#desk');
    await page.keyboard.press('ArrowRight');
    await page.waitForFunction(() => (document.querySelector('#desk')?.scrollLeft ?? 0) > 0);
    await pressAt(page, '#rotate-left', { isBackwards: true });
    await page.waitForSelector('#scan[data-rotation="270"]');
    await waitForFocus(page, '#rotate-left');
    for (const [key, rotation] of [
      ['Enter', 180],
      ['r', 270],
      ['r', 0],
      ['l', 270],
    ] as const) {
      await page.keyboard.press(key);
      await page.waitForSelector(`#scan[data-rotation="${rotation}"]`);
    }
    await waitForFocus(page, '#rotate-left');
    await pressAt(page, '[data-act="undo"]');
    await page.waitForSelector('#scan[data-rotation="0"]');
  });
}

export async function correctsAndTakesBackByButtons(site: Site) {
  await site.visit({}, async ({ page }) => {
    await openPage(site, page);
    await tabTo(page, '.acts [data-act="next"]');
    await page.keyboard.press('Enter');
    await waitForFocus(page, '.word.doubt');
    await pressAt(page, '.acts [data-act="correct"]');
    await page.keyboard.type('Bookstore');
    await page.keyboard.press('Enter');
    await waitForTexts(page, '#line-1 .line-was', ([was]) => was === 'was Bookshop');
    assert.equal(await textOf(page, ':focus'), 'Tota1');
    await pressAt(page, '.acts [data-act="previous"]');
    await waitForTexts(page, ':focus', ([word]) => word === '24.80'); // from the first around to the last
    await pressAt(page, '.acts [data-act="accept"]');
    await waitForTexts(page, ':focus', ([word]) => word === 'Tota1');
    await saved(page);
    await page.keyboard.press('ArrowUp');
    await waitForFocus(page, '#line-1');
    await pressAt(page, '.acts [data-act="as-detected"]');
    await waitForTexts(page, '#line-1 .word.doubt', ([word]) => word === 'Bookshop');
    for (const left of ['1 word to check', '2 words to check', '3 words to check']) {
      await pressAt(page, '.acts [data-act="undo"]');
      await waitForTexts(page, '#to-check .pill', ([said]) => said === left);
      await saved(page);
      await waitForFocus(page, '.line, .word');
    }
    await pressAt(page, '#single-keys');
    await tabTo(page, '.line', { isBackwards: true });
    await page.keyboard.press('n');
    assert.match(
      await page.evaluate(() => document.activeElement?.id ?? ''),
      /^line-/,
      'single keys are off',
    );
    await pressAt(page, '#single-keys');

    await pressAt(page, '#mark', { isBackwards: true });
    await waitForFocus(page, '#mark-check');
    await page.keyboard.press('Enter');
    await waitForFocus(page, '.word.doubt');
    await pressAt(page, '#mark', { isBackwards: true });
    await followAt(page, '#mark-anyway');
    await page.waitForSelector('.pill-good[title^="by"]');
    for (const label of ['Mark as reviewed']) {
      await followAt(page, '#mark', { isBackwards: true });
      await waitForFocus(page, '#mark');
      assert.equal(await textOf(page, '#mark'), label);
    }
  });
}

export async function choosesBetweenTwoVersions(site: Site) {
  await site.visit({ expected: /409 POST/ }, async ({ page }) => {
    const { api } = await openPage(site, page);
    const elsewhere = await site.paperlift.signIn(alice);
    const writeTwice = async (theirs: string, ours: string) => {
      await elsewhere.agent
        .patch(api)
        .set('x-csrf-token', elsewhere.csrfToken)
        .send({ lines: [{ id: 'l1', text: theirs }] })
        .expect(200);
      await tabTo(page, '#line-1');
      await page.keyboard.press('Enter');
      await page.keyboard.type(ours);
      await page.keyboard.press('Enter');
    };
    for (const [choice, theirs, chosen] of [
      ['keep', 'Theirs', 'Theirs'],
      ['word', 'Theirs, again', 'Bookstore'],
    ] as const) {
      await writeTwice(theirs, 'Bookstore');
      await waitForFocus(page, '.conflict');
      await pressAt(page, `.conflict button[value="${choice}"]`);
      await waitForTexts(page, '#line-1 .line-text', ([now]) => now === chosen);
      await waitForFocus(page, '#line-1');
    }

    // who is writing the next word already is led to the choice when that is done
    const held: HTTPRequest[] = [];
    await page.setRequestInterception(true);
    page.on('request', (request) => {
      if (request.method() === 'POST' && held.length === 0) held.push(request);
      else letPass(request);
    });
    await writeTwice('Theirs, once more', 'Book Store');
    await page.keyboard.press('n');
    await page.keyboard.press('e');
    await page.keyboard.type('To');
    await (await waitFor('what was sent', async () => held[0])).continue();
    await page.waitForSelector('.conflict');
    await page.keyboard.type('tal');
    await page.keyboard.press('Enter');
    await waitForFocus(page, '.conflict');
    await waitForTexts(page, '#line-2 .line-was', ([was]) => was === 'was Tota1');
    assert.equal(await textOf(page, '#line-2 .line-text'), 'Total 24.80');
  });
}

export async function savesWhatCouldNotBeSaved(site: Site) {
  await site.visit({ expected: /net::ERR_FAILED/ }, async ({ page }) => {
    await openPage(site, page);
    let isDown = true;
    await page.setRequestInterception(true);
    page.on('request', (request) =>
      isDown && request.method() === 'POST' ? request.abort('failed') : letPass(request),
    );
    await tabTo(page, '#line-1');
    await page.keyboard.press('n');
    await page.keyboard.press('Enter');
    await waitForTexts(page, '#save-status', ([status]) => /^Couldn’t save/.test(status ?? ''));
    isDown = false;
    await pressAt(page, '#save-status button');
    await saved(page);
    await waitForFocus(page, '.word, .line');
  });
}

export async function readsAFailedPageAgain(site: Site) {
  const failure = { code: 'tried-too-often', message: 'Try again later.' };
  const { path, pageIds } = await addPile(site.paperlift, alice, {
    count: 1,
    overridesOf: () => ({ status: 'failed', failure }),
  });
  await site.visit({ width: 360, height: 740 }, async ({ page }) => {
    await enter(page, alice, `${site.url}${path}/pages/${pageIds[0]}`);
    await followAt(page, 'form[action$="/retry"] button');
    await waitForTexts(page, '.page-head .pill', ([pill]) => pill !== 'failed');
    await waitForTexts(page, '.page-head .pill', ([pill]) => !/waiting|reading|preparing/.test(pill ?? ''));
    await followAt(page, '.page-link', { shownBy: '.page-card:has(:focus)' });
    await pressAt(page, 'button[data-show="text"]');
    assert.deepEqual([await isSeen(page, '#desk'), await isSeen(page, '#lines')], [false, true]);
    await pressWith(page, 'Shift', 'Tab');
    await page.keyboard.press('Space');
    assert.deepEqual([await isSeen(page, '#desk'), await isSeen(page, '#lines')], [true, false]);
  });
}
