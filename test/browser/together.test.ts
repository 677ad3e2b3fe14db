// Two people review a project together, each in a browser of their own: share, assign, claim, review, take over, hand over,
// take back.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Page } from 'puppeteer-core';
import sharp from 'sharp';
import { addPage } from '../search/stage.ts';
import { textJpeg } from '../support/images.ts';
import { findBarriers } from './axe.ts';
import {
  createProject,
  follow,
  isSeen,
  openSite,
  type Site,
  signIn,
  textOf,
  textsOf,
  type,
  waitForTexts,
} from './site.ts';

/** An open page asks every 20 seconds, which pass in one here. */
const hurry = 20;

describe('two people at once', () => {
  let site: Site;
  before(async () => {
    site = await openSite({ textract: ['Corner Bookshop'] });
  });
  after(() => site?.stop());

  const withBoth = (stay: (alice: Page, bob: Page) => Promise<void>) =>
    // what a share that is taken back refuses, on purpose
    site.visit({ expected: /404 (GET|POST) .*\/(access|presence|review|batch)$/ }, ({ page: alice }) =>
      site.visit(
        { expected: /404 (GET|POST) .*\/(access|presence|review|batch)$/ },
        async ({ page: bob }) => {
          await Promise.all([alice, bob].map(passTimeFaster));
          await signIn(alice, 'alice@example.com', site.url);
          await signIn(bob, 'bob@example.com', site.url);
          await stay(alice, bob);
        },
      ),
    );

  async function addPages(projectId: string, count: number) {
    const data = await textJpeg(['Corner Bookshop', 'Total 34.70'], { width: 700, height: 500 });
    const { width = 0, height = 0 } = await sharp(data).metadata();
    const image = { data, width, height };
    for (let at = 1; at <= count; at += 1)
      await addPage(site.paperlift, projectId, ['Corner Bookshop', 'Total 34.70'], image, {
        position: at * 1_000_000,
        fileName: `scan-${at}.jpg`,
      });
  }

  /** A project of Alice's with so many pages, which her team reviews. */
  async function prepare(alice: Page, name: string, count: number): Promise<string> {
    await alice.goto(site.url);
    const url = await createProject(alice, name);
    await addPages(url.split('/').at(-1) as string, count);
    for (const [who, button] of [
      ['Bob', 'Share with Bob Baker'],
      ['Finance', 'Share with Finance'],
    ] as const) {
      await alice.goto(`${url}/members`);
      await type(alice, '#who', who);
      await alice.waitForSelector(`#found [aria-label="${button}"]`);
      await follow(alice, () => alice.click(`#found [aria-label="${button}"]`));
    }
    await alice.goto(url);
    return url;
  }

  async function assignTo(alice: Page, name: string) {
    await alice.click('#assign-open');
    await choose(alice, '#assign-to', name);
    await follow(alice, () => alice.click('#assign-project'));
  }

  async function start(page: Page) {
    await page.goto(`${site.url}/review`);
    await follow(page, () => page.click('#start'));
    return page.url();
  }

  it('each gets a page of their own, and the next one after a review, until none is left', {
    timeout: 600_000,
  }, async () => {
    await withBoth(async (alice, bob) => {
      const url = await prepare(alice, 'Receipts of May', 3);
      await bob.goto(`${site.url}/review`);
      assert.match(await textOf(bob, 'main'), /Nothing to review/);
      await assertNoBarriers(bob);
      await assignTo(alice, 'Finance (team)');
      assert.match(await textOf(alice, '#messages'), /Review assigned to Finance \(team\)\./);
      assert.equal(await textOf(alice, '#assign-open'), 'Review: Finance (team)');
      await alice.click('#assign-open');
      await assertNoBarriers(alice);

      await Promise.all([alice, bob].map((page) => page.goto(`${site.url}/review`)));
      assert.equal((await textsOf(bob, '.queue-row')).length, 3);
      await Promise.all([alice, bob].map((page) => follow(page, () => page.click('#start'))));
      const [hers, his] = [alice.url(), bob.url()];
      assert.notEqual(hers, his);
      for (const page of [alice, bob])
        assert.match(await textOf(page, '#together'), /You’re reviewing this page\./);
      await assertNoBarriers(bob);

      await bob.goto(`${site.url}/review`);
      assert.deepEqual((await textsOf(bob, '.queue-row .pill')).toSorted(), [
        'claimed by Alice Archer',
        'claimed by you',
      ]);
      await assertNoBarriers(bob);
      await follow(bob, () => bob.click('#start'));
      assert.equal(bob.url(), his, 'goes on where he was');

      await follow(bob, () => bob.click('#mark'));
      const last = bob.url();
      assert.match(last, /\?notice=next$/);
      assert.ok(!last.startsWith(hers), 'past the page of his colleague');
      await follow(alice, () => alice.click('#mark'));
      assert.match(await textOf(alice, '.banner'), /Marked as reviewed\. No other page is free\./);
      await follow(bob, () => bob.click('#release'));
      assert.match(await textOf(bob, '.banner'), /Page released\./);
      assert.equal((await start(alice)).split('?')[0], last.split('?')[0]);
      await alice.goto(url);
      assert.deepEqual(
        (await textsOf(alice, '.page-head .pill')).filter((pill) => pill === 'reviewed').length,
        2,
      );
    });
  });

  it('a page is taken over knowingly, and whoever had it is told', async () => {
    await withBoth(async (alice, bob) => {
      await prepare(alice, 'Receipts of June', 1);
      await assignTo(alice, 'Bob Baker');
      await follow(alice, () => alice.click('.page-link'));
      const page = alice.url();
      const bobs = await start(bob);
      assert.equal(bobs, page);
      await waitForTexts(alice, '#together-now', ([text = '']) => /Bob Baker is reviewing/.test(text));
      await waitForTexts(alice, '#present', ([text]) => text === 'Also viewing: Bob Baker');
      await waitForTexts(bob, '#present', ([text]) => text === 'Also viewing: Alice Archer');
      await assertNoBarriers(alice);
      await follow(alice, () => alice.click('#take-over'));
      assert.match(await textOf(alice, '#together-now'), /You’re reviewing this page\./);
      await waitForTexts(bob, '#together-now', ([text = '']) => /Alice Archer is reviewing/.test(text));
    });
  });

  it('selected pages are assigned without loading the page, and unassigned by the button beside it', async () => {
    await withBoth(async (alice) => {
      await prepare(alice, 'Receipts of July', 2);
      await alice.click('#choose-all');
      await choose(alice, '#assign-chosen-to', 'Bob Baker');
      await alice.click('#assign-chosen');
      await waitForTexts(alice, '.page-assignee bdi', (names) => names.join() === 'Bob Baker,Bob Baker');
      assert.equal(await textOf(alice, '#selection-count'), '2 selected');
      await alice.click('#unassign-chosen');
      await waitForTexts(alice, '.page-assignee', (names) => names.length === 0);
    });
  });

  it('a share that is taken back clears the screen of the page and of the project', async () => {
    await withBoth(async (alice, bob) => {
      const url = await prepare(alice, 'Receipts of August', 1);
      const second = await bob.browserContext().newPage();
      await passTimeFaster(second);
      await second.goto(url);
      await bob.goto(url);
      await follow(bob, () => bob.click('.page-link'));
      assert.ok(await isSeen(bob, '#scan img'));
      await bob.focus('#line-1');
      await bob.keyboard.press('Enter');
      await bob.keyboard.type('not saved');
      await alice.goto(`${url}/members`);
      for (const who of ['Bob Baker', 'Finance'])
        await follow(alice, () => alice.click(`[aria-label="Stop sharing with ${who}"]`));
      // the page says so when it saves; the project's when it asks
      await bob.keyboard.press('Enter');
      await bob.waitForFunction(() => document.querySelector('main h1')?.textContent?.includes('no longer'));
      assert.equal(
        await textOf(bob, 'main'),
        'You no longer have access to this project.\n\nIt was deleted, or it’s no longer shared with you.\n\nGo to your projects',
      );
      assert.equal(await bob.title(), 'You no longer have access to this project · Paperlift');
      assert.equal(await bob.$('#scan, .line, img'), null);
      assert.equal(
        await bob.evaluate(() => Object.keys(sessionStorage).some((key) => key.startsWith('draft'))),
        false,
      );
      await assertNoBarriers(bob);
      await second.bringToFront(); // a hidden tab rests
      await waitForTexts(second, 'main h1', ([text = '']) => /no longer have access/.test(text));
      assert.equal(await second.$('.page-card'), null);
    });
  });

  it('after a hand-over the new owner may take the share of the former one back', async () => {
    await withBoth(async (alice, bob) => {
      const url = await prepare(alice, 'Receipts of September', 1);
      await assignTo(alice, 'Alice Archer (you)');
      await alice.goto(`${url}/members`);
      await choose(alice, '#new-owner', 'Bob Baker');
      await follow(alice, () => alice.click('form[action$="/owner"] button'));
      await bob.goto(url);
      assert.equal(await textOf(bob, '#assign-open'), 'Review: not assigned');
      await alice.goto(url);
      await follow(alice, () => alice.click('.page-link'));
      await bob.goto(`${url}/members`);
      for (const who of ['Alice Archer', 'Finance'])
        await follow(bob, () => bob.click(`[aria-label="Stop sharing with ${who}"]`));
      await alice.bringToFront();
      await waitForTexts(alice, 'main h1', ([text = '']) => /no longer have access/.test(text));
      assert.equal(await alice.$('#scan, .line'), null);
    });
  });
});

async function passTimeFaster(page: Page) {
  await page.evaluateOnNewDocument((times) => {
    const [now, every] = [performance.now.bind(performance), window.setInterval.bind(window)];
    performance.now = () => now() * times;
    Object.assign(window, { setInterval: (act: () => void, ms = 0) => every(act, ms / times) });
  }, hurry);
}

/** Selects the option that reads so. */
async function choose(page: Page, field: string, label: string) {
  const value = await page.$$eval(
    `${field} option`,
    (options, wanted) =>
      options.map((option) => option as HTMLOptionElement).find((option) => option.label === wanted)?.value,
    label,
  );
  assert.ok(value, `${field} offers ${label}`);
  await page.select(field, value);
}

async function assertNoBarriers(page: Page) {
  assert.deepEqual(await findBarriers(page), [], await page.title());
  await page.setViewport({ width: 1280, height: 900 });
}
