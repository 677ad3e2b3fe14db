// The main job from the first sign-in to the PDF, by the people of the company, in one real browser.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Page } from 'puppeteer-core';
import sharp from 'sharp';
import { readTexts, readWords } from '../exports/pdf/pdf-reading.ts';
import { withoutSpace } from '../exports/pdf/readers/read-pdf.ts';
import { textJpeg } from '../support/images.ts';
import { measureShift } from './layout-shift.ts';
import {
  chooseFiles,
  createProject,
  follow,
  isReady,
  isSeen,
  openSite,
  type Site,
  signInAtProvider,
  textOf,
  textsOf,
  type,
  waitForDownload,
  waitForPages,
  waitForTexts,
} from './site.ts';

const papers = [
  ['Corner Bookshop', 'Two paperbacks 24.80', 'Thank you for reading'],
  ['Harbour Hotel', 'One night 129.00', 'Breakfast included'],
  ['City Taxi', 'Airport to harbour', 'Fare paid 38.50'],
];

describe('the main job in a browser', () => {
  let site: Site;
  let projectUrl = '';
  let pageUrl = '';

  before(async () => {
    site = await openSite();
  });
  after(() => site?.stop());

  it('takes alice from nothing to a searchable PDF, without ever loading a page again', async () => {
    const paths = await Promise.all(
      papers.map(async (lines, index) => site.file(`paper-${index + 1}.jpg`, await textJpeg(lines))),
    );
    await site.visit({}, async (visitor) => {
      const { page } = visitor;
      await signInAtProvider(page, 'alice@example.com', site.url);
      assert.equal(page.url(), `${site.url}/`);
      assert.match(await textOf(page, 'main'), /Create your first project/);

      projectUrl = await createProject(page, 'May expenses');
      assert.match(projectUrl, /\/projects\/[0-9A-Z]{26}$/);
      assert.equal(await page.title(), 'May expenses · Paperlift');
      assert.match(await textOf(page, '.dropzone'), /JPEG, PNG, WebP, HEIC or AVIF up to 50 MB/);

      const navigations = countNavigations(page);
      await chooseFiles(page, paths);
      await waitForPages(page, (pills) => pills.length === 3);
      const shift = await measureShift(page);
      await waitForPages(page, (pills) => pills.length === 3 && pills.every(isReady));
      await waitForTexts(page, '.page-words', (words) =>
        words.every((each, at) => startsLike(each, papers[at])),
      );
      assert.match(await textOf(page, '#facts'), /^3 pages · /);
      await page.waitForFunction(() => !document.querySelector('[hx-trigger]')); // nobody asks any more
      assert.ok((await shift()) < 0.02, `the page moved by ${await shift()} while its statuses changed`);
      assert.equal(navigations(), 0);
      const pictures = await page.$$eval('.page-desk img', (images) =>
        images.map((image) => (image as HTMLImageElement).naturalWidth > 0),
      );
      assert.deepEqual(pictures, [true, true, true]);

      await follow(page, () => page.click('.page-card:nth-child(2) .page-link'));
      pageUrl = page.url();
      await readThePage(page);

      await follow(page, () => page.click('.review-head .crumbs a:last-of-type'));
      assert.equal(page.url(), projectUrl);
      await page.click('.head details.menu summary');
      await follow(page, () => page.click('button[name="format"][value="searchable-pdf"]'));
      const exporting = countNavigations(page);
      await waitForTexts(page, '.export-row .pill', ([pill]) => pill === 'ready');
      assert.equal(exporting(), 0);
      assert.match(await textOf(page, '.export-row'), /Searchable PDF ready\s[\s\S]*3 pages · \d+ KB/);

      await page.click('.export-row a[download]');
      const pdf = await waitForDownload(visitor);
      assert.equal(pdf.name, 'May expenses.pdf');
      assert.equal(pdf.bytes.subarray(0, 5).toString(), '%PDF-');
      const text = (await readTexts(pdf.path)).join('');
      for (const line of papers.flat()) {
        assert.ok(text.includes(withoutSpace(line)), `${line} is missing in: ${text}`);
      }
    });
  });

  async function readThePage(page: Page) {
    assert.equal(await textOf(page, 'h1'), 'Page 2 of 3');
    assert.deepEqual(await textsOf(page, '.line-text'), papers[1]);
    const [image, boxes] = await Promise.all([placeOf(page, '#scan img'), placesOf(page, '.box')]);
    assert.equal(boxes.length, 7);
    for (const box of boxes) {
      assert.ok(box.left >= image.left && box.right <= image.right, 'a box leaves the image sideways');
      assert.ok(box.top >= image.top && box.bottom <= image.bottom, 'a box leaves the image');
    }

    const lit = (selector: string) =>
      page.$$eval(`${selector}.is-lit`, (parts) => parts.map((part) => part.getAttribute('data-line')));
    await page.hover('#line-2');
    assert.deepEqual(await lit('.box'), ['2', '2', '2']);
    assert.deepEqual(await lit('.line'), ['2']);
    await page.hover('.box[data-line="3"]');
    assert.deepEqual(await lit('.line'), ['3']);
    assert.deepEqual(await lit('.box'), ['3', '3']);

    await page.click('#copy');
    await waitForTexts(page, '#announcer', ([said]) => said === 'Page text copied');
    assert.equal(await page.evaluate(() => navigator.clipboard.readText()), papers[1]?.join('\n'));

    await follow(page, () => page.keyboard.press('ArrowRight'));
    assert.equal(await textOf(page, 'h1'), 'Page 3 of 3');
    assert.equal(await page.$('a[rel="next"]'), null);
    await follow(page, () => page.keyboard.press('ArrowLeft'));
    await follow(page, () => page.keyboard.press('ArrowLeft'));
    assert.equal(await textOf(page, 'h1'), 'Page 1 of 3');
    assert.equal(await page.$('a[rel="prev"]'), null);
  }

  it('takes a word that alice corrects into the next PDF, at its place, and into the search, and the old one out', async () => {
    const { info } = await sharp({ text: { text: 'Breakfast', font: 'DejaVu Sans', dpi: 240 } })
      .png()
      .toBuffer({ resolveWithObject: true });
    const printed = { x: (60 + info.width / 2) / 900, y: (60 + 2 * 70 + info.height / 2) / 600 };
    const assertThere = (place: { x: number; y: number } | undefined, what: string) =>
      assert.ok(
        place && Math.abs(place.x - printed.x) < 0.01 && Math.abs(place.y - printed.y) < 0.01,
        `${what} is at ${JSON.stringify(place)}, printed at ${JSON.stringify(printed)}`,
      );
    await site.visit({}, async (visitor) => {
      const { page } = visitor;
      const search = async (words: string, selector: string, wanted: (texts: string[]) => boolean) => {
        await page.waitForSelector('#search-q[role=combobox]');
        await type(page, '#search-q', words);
        await waitForTexts(page, selector, wanted);
      };
      await signInAtProvider(page, 'alice@example.com', pageUrl);
      await search('breakfast', '.hit-line', ([line]) => line === 'Breakfast included');
      await page.waitForSelector('.line[tabindex="0"]');
      await page.click('#line-3 .word');
      await page.keyboard.type('Brunch');
      await page.keyboard.press('Enter');
      await waitForTexts(page, '#line-3 .line-was', ([was]) => was === 'was Breakfast');

      await search('breakfast', '.hit-none', ([said]) => said === 'No results for “breakfast”');
      await search('brunch', '.hit-line', ([line]) => line === 'Brunch included');
      assert.equal(await textOf(page, '.hit-line mark'), 'Brunch');
      await page.keyboard.press('ArrowDown');
      await follow(page, () => page.keyboard.press('Enter'));
      assert.equal(new URL(page.url()).pathname, new URL(pageUrl).pathname);
      assert.deepEqual(await textsOf(page, '#line-3 .word.found'), ['Brunch']);
      const [scan, [box, ...others]] = await Promise.all([
        placeOf(page, '#scan img'),
        placesOf(page, 'polygon.found'),
      ]);
      assert.deepEqual(others, []);
      const share = (from: number, to: number, start: number, end: number) =>
        ((from + to) / 2 - start) / (end - start);
      const marked = box && {
        x: share(box.left, box.right, scan.left, scan.right),
        y: share(box.top, box.bottom, scan.top, scan.bottom),
      };
      assertThere(marked, 'the mark on the image');

      await page.goto(projectUrl);
      await page.click('.head details.menu summary');
      await follow(page, () => page.click('button[name="format"][value="searchable-pdf"]'));
      await waitForTexts(page, '.export-row .pill', (pills) => pills.length === 2 && pills.every(isReady));
      await page.click('.export-row a[download]'); // the latest is the first
      const pdf = await waitForDownload(visitor);
      const words = (await readWords(pdf.path))[1] ?? [];
      assert.deepEqual(
        words.map(({ text }) => text).sort(),
        'Harbour Hotel One night 129.00 Brunch included'.split(' ').sort(),
      );
      assertThere(
        words.find(({ text }) => text === 'Brunch'),
        'the word in the PDF',
      );
    });
  });

  it('shows carol, an administrator, alice’s project among everyone’s, and lets her change it', async () => {
    await site.visit({}, async ({ page }) => {
      await signInAtProvider(page, 'carol@example.com', site.url);
      await follow(page, () => page.click('.switch a[href="/?scope=all"]'));
      assert.match(await textOf(page, '.rows'), /May expenses\s+3 pages · Alice Archer/);
      await follow(page, () => page.click('.row-link'));
      assert.equal(page.url(), projectUrl);
      assert.match(await textOf(page, '#facts'), /owned by Alice Archer/);
      assert.ok(await page.$('#upload'));
      await follow(page, () => page.goto(`${site.url}/admin`));
      assert.equal(await textOf(page, 'h1'), 'Administration');
    });
  });

  it('answers bob about alice’s things exactly as about what never was', async () => {
    await site.visit({}, async ({ page }) => {
      await signInAtProvider(page, 'bob@example.com', site.url);
      const unknown = '01ARZ3NDEKTSV4RRFFQ69G5FAV';
      for (const [theirs, never] of [
        [projectUrl, `${site.url}/projects/${unknown}`],
        [pageUrl, `${site.url}/projects/${unknown}/pages/${unknown}`],
      ] as const) {
        const [real, imagined] = [await load(page, theirs), await load(page, never)];
        assert.equal(real.status, 404);
        assert.match(real.html, /This (project|page) doesn’t exist, or you don’t have access to it/);
        assert.deepEqual(real, imagined);
      }
      assert.equal((await load(page, `${site.url}/?scope=all`)).status, 403);
    });
  });

  it('tells dave, who is in no group, that he has no access and whom to ask', async () => {
    await site.visit({}, async ({ page }) => {
      await signInAtProvider(page, 'dave@example.com', projectUrl);
      const said = await textOf(page, 'main');
      assert.match(said, /You don’t have access to Paperlift/);
      assert.match(said, /signed in as Dave Draper \(dave@example\.com\)/);
      assert.match(said, /Ask your IT service desk for access/);
      assert.match(said, /CN=All Staff, HQ,OU=Groups,DC=example,DC=com/);
      await page.goto(site.url);
      assert.notEqual(new URL(page.url()).origin, site.url); // still nobody: asked to sign in
    });
  });

  it('lets erin, an auditor, read and take away what was made, and offers her nothing to change', async () => {
    await site.visit({}, async ({ page }) => {
      await signInAtProvider(page, 'erin@example.com', `${site.url}/?scope=all`);
      assert.equal(await page.$('form[action="/projects"]'), null);
      await follow(page, () => page.click('.row-link'));
      assert.equal(await page.$('#files'), null);
      assert.deepEqual(await changesOffered(page), ['/auth/logout']);
      assert.ok(await isSeen(page, '.export-row a[download]'));
      await follow(page, () => page.click('.page-link'));
      assert.deepEqual(await textsOf(page, '.line-text'), papers[0]);
      assert.deepEqual(await changesOffered(page), ['/auth/logout']);
    });
  });

  it('brings people to the address they asked for after they signed in, and out again', async () => {
    await site.visit({}, async ({ page }) => {
      await signInAtProvider(page, 'alice@example.com', `${pageUrl}?from=mail`);
      assert.equal(page.url(), `${pageUrl}?from=mail`);
      await page.click('.person-menu summary');
      await follow(page, () => page.click('form[action="/auth/logout"] button'));
      assert.match(await textOf(page, 'main'), /You’re signed out/);
      assert.equal(await isSeen(page, '.person-menu'), false);
      await page.goBack();
      await page.waitForSelector('button[name="person"]');
      assert.ok(!(await page.content()).includes('Harbour Hotel'));
      await page.goto(pageUrl);
      assert.ok(await page.$('button[name="person"]'), 'asked to sign in again');
    });
  });
});

/** Whether a page's preview begins as the paper does. */
function startsLike(words: string, [first]: string[] = []): boolean {
  return first !== undefined && words.startsWith(first);
}

/** Counts the documents that the window goes on to. */
function countNavigations(page: Page): () => number {
  let count = 0;
  page.on('framenavigated', () => {
    count += 1;
  });
  return () => count;
}

function placesOf(page: Page, selector: string) {
  return page.$$eval(selector, (elements) =>
    elements.map((element) => {
      const { left, right, top, bottom } = element.getBoundingClientRect();
      return { left, right, top, bottom };
    }),
  );
}

async function placeOf(page: Page, selector: string) {
  const [place] = await placesOf(page, selector);
  assert.ok(place, `${selector} is there`);
  return place;
}

/** What the server sent, save for what is new in every answer. */
async function load(page: Page, url: string) {
  const response = await page.goto(url);
  const html = await response?.text();
  const headers = response?.headers() ?? {};
  const requestId = /request <code>([^<]+)</.exec(html ?? '')?.[1] ?? 'none';
  const nonce = /nonce="([^"]+)"/.exec(html ?? '')?.[1] ?? 'none';
  const same = (text: string) => text.replaceAll(requestId, '(id)').replaceAll(nonce, '(nonce)');
  const { date: _, etag: __, ...rest } = headers; // the tag is a hash over id and nonce
  return { status: response?.status(), html: same(html ?? ''), headers: same(JSON.stringify(rest)) };
}

function changesOffered(page: Page): Promise<string[]> {
  return page.$$eval('form[method="post"]', (forms) =>
    forms.map((form) => new URL((form as HTMLFormElement).action).pathname).sort(),
  );
}
