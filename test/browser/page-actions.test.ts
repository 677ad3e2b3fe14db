// Page actions in a browser: by pointer, by keys alone, and without script.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { ElementHandle, Page } from 'puppeteer-core';
import { buildPdf } from '../support/documents.ts';
import { textJpeg } from '../support/images.ts';
import { addPile } from '../support/piles.ts';
import { waitFor } from '../support/wait.ts';
import { findBarriers } from './axe.ts';
import { chooseByKeys, pressWith, tabTo } from './keys.ts';
import { measureShift } from './layout-shift.ts';
import { follow, holdRequest, openSite, type Site, signIn, textOf, waitForTexts } from './site.ts';

const alice = 'alice@example.com';
const failure = { code: 'image-broken', message: 'The photograph is too blurred for any line of text.' };

describe('page actions', () => {
  let site: Site;
  before(async () => {
    site = await openSite({});
  });
  after(() => site?.stop());

  const pileOf = (count: number, overridesOf?: Parameters<typeof addPile>[2]['overridesOf']) =>
    addPile(site.paperlift, alice, { count, ...(overridesOf ? { overridesOf } : {}) });

  /** The receipts' numbers in the order of the cards, once they are as wanted. */
  const waitForOrder = (page: Page, wanted: string) =>
    waitForTexts(page, '.page-words', (words) => orderIn(words) === wanted);
  const stored = async (projectId: string) =>
    orderIn((await site.paperlift.services.stores.pages.list(projectId)).map((page) => page.preview ?? ''));

  it('is arranged by keys alone: moved, chosen, turned, deleted, put back, replaced, renamed', async () => {
    const { path, projectId, pageIds } = await pileOf(6);
    const [first, second] = pageIds as [string, string];
    const replacement = await site.file('better.jpg', await textJpeg(['Better'], { height: 200 }));
    await site.visit({}, async ({ page }) => {
      const { keyboard } = page;
      const press = async (...keys: Parameters<typeof keyboard.press>[0][]) => {
        for (const key of keys) await keyboard.press(key);
      };
      const said = () => textOf(page, '#announcer');
      const waitToHear = (words: RegExp) =>
        waitForTexts(page, '#announcer', ([text = '']) => words.test(text));
      const askedAnew: string[] = [];
      page.on('request', (request) => {
        const url = new URL(request.url());
        if (url.pathname.startsWith('/assets/') && !url.search) askedAnew.push(url.pathname);
      });
      await signIn(page, alice, site.url + path);
      assert.deepEqual(askedAnew, [], 'styles and scripts come from the cache the next time');

      await tabTo(page, `#handle-${first}`);
      await press('Enter', 'ArrowRight', 'ArrowRight');
      assert.equal(await said(), 'Position 3 of 6.');
      await press('Escape');
      assert.match(await said(), /not moved/);
      await press('Enter', 'ArrowRight');
      assert.equal(await said(), 'Position 2 of 6.');
      await page.focus('#search-q'); // who goes elsewhere puts it back
      assert.match(await said(), /not moved/);
      await page.focus(`#handle-${first}`);
      await press(' ', 'End', 'ArrowLeft', 'Enter');
      await waitToHear(/Page moved from 1 to 5/);
      assert.equal(await stored(projectId), '2 3 4 5 1 6');
      assert.equal(await focusIn(page), `handle-${first}`);

      await tabTo(page, `#pick-${second}`, { isBackwards: true });
      await press(' ');
      assert.equal(await textOf(page, '#selection-count'), '1 selected');
      await tabTo(page, '#move-chosen-to', { isBackwards: true });
      await keyboard.type('6');
      await press('Enter');
      await waitForOrder(page, '3 4 5 1 6 2');

      await tabTo(page, `#pick-${pageIds[2]}`, { isBackwards: true });
      await press(' ');
      await tabTo(page, `#pick-${pageIds[4]}`);
      await pressWith(page, 'Shift', ' ');
      assert.equal(await textOf(page, '#selection-count'), '3 selected');

      await tabTo(page, '#choose-all', { isBackwards: true });
      await press('Enter');
      assert.equal(await textOf(page, '#selection-count'), '6 selected');
      await tabTo(page, '#clear-chosen');
      await press('Enter');
      await page.waitForSelector('#selection', { hidden: true });

      await tabTo(page, `#more-${first}`);
      await press('Enter');
      await tabTo(page, `button[value="delete:${first}"]`);
      await press('Enter');
      await waitToHear(/Page deleted\. You can undo this for an hour/);
      assert.match(await textOf(page, '.deletion'), /Page 4 was deleted/);
      assert.match(await focusIn(page), /^undo-/);
      await press('Enter');
      await waitToHear(/Page restored/);
      assert.equal(await focusIn(page), `open-${first}`);
      assert.equal(await stored(projectId), '3 4 5 1 6 2');

      await tabTo(page, `#more-${first}`, { isBackwards: true });
      await press('Enter');
      await tabTo(page, `#menu-${first} [data-replace]`);
      await chooseByKeys(page, [replacement]);
      await waitToHear(/Page 4 replaced\. Processing its text/);
      await waitForTexts(page, `#page-${first} .pill`, ([pill]) => pill === 'waiting');

      await tabTo(page, `#more-${second}`);
      await press('Enter');
      await tabTo(page, `button[value="rotate-left:${second}"]`);
      await press('Enter');
      await waitToHear(/Page rotated left/);
      await page.waitForSelector(`#page-${second} img[src$="rotation=270"]`);
      await press('Enter'); // the button is still there
      await page.waitForSelector(`#page-${second} img[src$="rotation=180"]`);
      await press('Escape');

      await tabTo(page, '#rename-open');
      await press('Enter');
      await page.waitForFunction(() => document.activeElement?.id === 'rename');
      await press('Escape');
      assert.equal(await focusIn(page), 'rename-open');
    });
  });

  it('is sorted by dragging, and chosen from one page to another', async () => {
    const { path, projectId } = await pileOf(5);
    await site.visit({ width: 1440 }, async ({ page }) => {
      await signIn(page, alice, site.url + path);
      await page.hover('.page-card:nth-child(1) .page-desk');
      await page.waitForFunction(() => 'Sortable' in window);
      await drag(page, '.page-card:nth-child(1) .page-desk', '.page-card:nth-child(3) .page-desk');
      await waitForTexts(page, '#announcer', ([said = '']) => /Page moved from 1 to 3/.test(said));
      assert.equal(await stored(projectId), '2 3 1 4 5');
      assert.equal(page.url(), site.url + path, 'the end of a drag opens nothing');

      await page.click('.page-card:nth-child(2) .pick');
      await page.keyboard.down('Shift');
      await page.click('.page-card:nth-child(4) .pick');
      await page.keyboard.up('Shift');
      assert.equal(await textOf(page, '#selection-count'), '3 selected');
      await page.click('#delete-chosen');
      await waitForOrder(page, '2 5');
      await page.click('.page-card:nth-child(1) .pick');
      await page.click('#delete-chosen');
      await waitForOrder(page, '5');
      assert.equal((await page.$$('.deletion')).length, 2, 'each deletion can be undone');
      await page.click('.deletion:last-of-type button');
      await waitForOrder(page, '3 1 4 5');
    });
  });

  it('keeps what is chosen and held while pages become ready, and does not move under the pointer', async () => {
    const { path, projectId, pageIds } = await pileOf(6, (index) =>
      index > 3 ? { status: 'detecting', preview: '' } : {},
    );
    const { pages } = site.paperlift.services.stores;
    await site.visit({}, async ({ page }) => {
      await signIn(page, alice, site.url + path);
      await page.click('.page-card:nth-child(2) .pick');
      const shift = await measureShift(page);
      for (const pageId of pageIds.slice(4)) {
        const claim = await pages.claim({ projectId, pageId, revision: 1 }, 'worker');
        assert.equal(claim.outcome, 'claimed');
        if (claim.outcome !== 'claimed') return;
        const result = { detectionKey: 'x', text: 'Now it is read', wordCount: 4, doubtfulCount: 1 };
        await pages.finishReady(claim.item as never, claim.lease, result);
      }
      await waitForTexts(page, '.page-head .pill', (pills) => pills[5] === '1 to check');
      assert.equal(await textOf(page, '#selection-count'), '1 selected');
      assert.deepEqual(
        await page.$$eval('.pick', (all) => all.map((pick) => (pick as HTMLInputElement).checked)),
        [false, true, false, false, false, false],
      );
      assert.ok((await shift()) < 0.02, `moved by ${await shift()}`);
    });
  });

  it('leaves a page in the hand that took it when what was asked for before comes late', async () => {
    const { path, projectId, pageIds } = await pileOf(3, (index) =>
      index === 2 ? { status: 'uploaded' } : {},
    );
    await site.visit({}, async ({ page }) => {
      await signIn(page, alice, site.url + path);
      await tabTo(page, `#handle-${pageIds[0]}`);
      const news = await holdRequest(page, (request) => request.url().endsWith('/status'));
      await news.reached;
      await page.keyboard.press('Enter');
      await page.keyboard.press('ArrowRight');
      await news.release();
      const hands = await page.$$eval('.page-card', (cards) => cards.map(({ className }) => className));
      assert.deepEqual(
        hands.map((names) => names.includes('is-grabbed')),
        [false, true, false],
      );
      await page.keyboard.press('Enter');
      await waitForTexts(page, '#announcer', ([text = '']) => /Page moved from 1 to 2/.test(text));
      assert.deepEqual(
        (await site.paperlift.services.stores.pages.list(projectId)).map(({ id }) => id),
        [pageIds[1], pageIds[0], pageIds[2]],
      );
    });
  });

  it('is arranged without script by one form with boxes', async () => {
    const { path, projectId, pageIds } = await pileOf(5, (index) =>
      index === 2 ? { edits: 1, corrections: { l1: 'Mine' } } : {},
    );
    const better = await site.file('better.jpg', await textJpeg(['Better'], { height: 200 }));
    await site.visit({ script: false }, async ({ page }) => {
      await page.goto(site.url + path);
      await follow(page, () => page.click(`button[value="${alice}"]`));
      await follow(page, () => page.click('button.primary'));
      const choose = (...numbers: number[]) =>
        Promise.all(numbers.map((number) => page.click(`.page-card:nth-child(${number}) .pick`)));
      await choose(1, 4);
      await page.type('#move-chosen-to', '2');
      await follow(page, () => page.click('#move-chosen'));
      assert.equal(await stored(projectId), '2 1 4 3 5');
      await page.click('.page-card:nth-child(1) .card-menu summary');
      await page.type(`#to-${pageIds[1]}`, '5');
      await follow(page, () => page.keyboard.press('Enter'));
      assert.equal(await stored(projectId), '1 4 3 5 2');
      await choose(1, 2);
      await follow(page, () => page.click('#delete-chosen'));
      assert.match(await textOf(page, '.deletion'), /Pages 1 and 2 were deleted/);
      await follow(page, () => page.click('.deletion button'));
      assert.equal(await stored(projectId), '1 4 3 5 2');
      await choose(3);
      await follow(page, () => page.click('#rotate-left-chosen'));
      await page.waitForSelector('.page-card:nth-child(3) img[src$="rotation=270"]');
      await page.click('.page-card:nth-child(1) .card-menu summary');
      await follow(page, () => page.click('.page-card:nth-child(1) [data-replace]'));
      const field = (await page.waitForSelector('#replacement')) as ElementHandle<HTMLInputElement>;
      await field.uploadFile(better);
      await follow(page, () => page.click('form[action$="/image"] .primary'));
      assert.equal(page.url(), site.url + path);
      const none = await follow(page, () => page.click('#delete-chosen'));
      assert.equal(none?.status(), 400);
      assert.match(await textOf(page, '#upload-refusals'), /^No pages are selected/);
    });
  });

  it('reads a page of a PDF as an image from its menu, and takes the PDF’s own text again', async () => {
    const withWorker = await openSite({ worker: true, textract: ['Read from the image'] });
    try {
      const { agent, csrfToken } = await withWorker.paperlift.signIn(alice);
      const call = (path: string) => agent.post(`/api/v1${path}`).set('x-csrf-token', csrfToken);
      const { id } = (await call('/projects').send({ name: 'Digital' })).body;
      const pdf = await buildPdf([{ text: 'From the file' }, { text: 'Also from it' }]);
      await call(`/projects/${id}/pages`).attach('files', pdf, 'report.pdf');
      const isRead = (page: Page, ...wanted: string[]) =>
        waitForTexts(page, '.page-words', (words) => words.join() === wanted.join());
      const areReadFrom = (...sources: string[]) =>
        waitFor('the pages to be read', async () => {
          const pages = await withWorker.paperlift.services.stores.pages.list(id);
          const read = pages.filter(({ status }) => status === 'ready').map(({ textSource }) => textSource);
          return read.join() === sources.join() || undefined;
        });
      await withWorker.visit({ width: 360 }, async ({ page }) => {
        await signIn(page, alice, `${withWorker.url}/projects/${id}`);
        await isRead(page, 'From the file', 'Also from it');
        await page.click('summary[aria-label="Menu for page 1"]');
        assert.deepEqual(await findBarriers(page), []);
        await page.click('[value^="read-image:"]');
        await waitForTexts(page, '#announcer', ([said = '']) => /^Reading 1 page from the image/.test(said));
        assert.equal(await page.$eval(':focus', (focused) => focused.ariaLabel), 'Menu for page 1');
        await isRead(page, 'Read from the image', 'Also from it');
      });
      await withWorker.visit({ script: false }, async ({ page }) => {
        await page.goto(`${withWorker.url}/projects/${id}`);
        await follow(page, () => page.click(`button[value="${alice}"]`));
        await follow(page, () => page.click('button.primary'));
        await page.click('.page-card:nth-child(1) .card-menu summary');
        await follow(page, () => page.click('[value^="read-pdf-text:"]'));
        await areReadFrom('pdf-text', 'pdf-text');
        await page.reload();
        assert.equal(await textOf(page, '.page-words'), 'From the file\nAlso from it');
        for (const number of [1, 2]) await page.click(`.page-card:nth-child(${number}) .pick`);
        await follow(page, () => page.click('#read-image-chosen'));
        await areReadFrom('ocr', 'ocr');
        await page.reload();
        assert.equal(await textOf(page, '.page-words'), 'Read from the image\nRead from the image');
      });
    } finally {
      await withWorker.stop();
    }
  });

  it('has no barriers in any state', async () => {
    const { path } = await pileOf(7, (index) => {
      if (index < 2) return { status: 'failed', failure };
      if (index === 2) return { status: 'preparing', thumbnailKey: undefined } as never;
      return index === 3 ? { edits: 1, corrections: { l1: 'Mine' } } : { doubtfulCount: 2 };
    });
    await site.visit({}, async ({ page }) => {
      await signIn(page, alice, site.url + path);
      await page.click('.page-card:nth-child(5) .pick');
      await page.click('.page-card:nth-child(6) .pick');
      await page.click('.page-card:nth-child(7) .card-menu summary');
      assert.deepEqual(await findBarriers(page), [], 'chosen, with a menu open');
      await page.keyboard.press('Escape');
      await page.click('#delete-chosen');
      await page.waitForSelector('.deletion');
      await page.click('#rename-open');
      assert.deepEqual(await findBarriers(page), [], 'deleted, being renamed');
      await page.keyboard.press('Escape');
      const replace = await page.$eval('[data-replace]', (link) => (link as HTMLAnchorElement).href);
      await page.goto(replace);
      assert.deepEqual(await findBarriers(page), [], 'replacing');
    });
  });
});

function orderIn(words: string[]): string {
  return words.map((each) => /Receipt (\d+)/.exec(each)?.[1] ?? '?').join(' ');
}

const focusIn = (page: Page) => page.evaluate(() => document.activeElement?.id ?? '');

async function drag(page: Page, from: string, to: string) {
  const centre = async (selector: string) => {
    const box = await (await page.$(selector))?.boundingBox();
    assert.ok(box, selector);
    return [box.x + box.width / 2, box.y + box.height / 2] as const;
  };
  const cardAt = (selector: string) => page.$eval(selector, (element) => element.closest('.page-card')?.id);
  const [start, end] = [await centre(from), await centre(to)];
  const card = await cardAt(from);
  await page.mouse.move(...start);
  await page.mouse.down();
  await page.mouse.move(start[0] + 20, start[1], { steps: 4 });
  await page.mouse.move(end[0] + 30, end[1], { steps: 12 });
  // Sortable looks at the pointer now and then, and lets neighbours move out of the way first.
  for (let moves = 0; (await cardAt(to)) !== card; moves += 1) {
    assert.ok(moves < 200, `${from} does not move to ${to}`);
    await page.mouse.move(end[0] + 30 - (moves % 2), end[1]);
    await page.evaluate(() => new Promise((resolve) => setTimeout(resolve, 20)));
  }
  await page.mouse.up();
}
