// Every page in every state: nothing that axe finds, and nothing wider than a telephone, in light and in dark.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Page } from 'puppeteer-core';
import sharp from 'sharp';
import { composeWorker } from '../../src/compose-worker.ts';
import { textJpeg } from '../support/images.ts';
import { findBarriers } from './axe.ts';
import { damageJpeg } from './damaged-jpeg.ts';
import {
  chooseFiles,
  createProject,
  follow,
  isReady,
  openSite,
  type Site,
  signIn,
  signInAtProvider,
  textOf,
  type,
  waitForPages,
  waitForTexts,
} from './site.ts';

describe('pages for everybody', () => {
  let site: Site;
  let worker: ReturnType<typeof composeWorker>;
  let projectUrl = '';

  before(async () => {
    site = await openSite({ textract: true });
    worker = composeWorker(site.paperlift.services);
  });
  after(async () => {
    await worker?.stop(1000);
    await site?.stop();
  });

  it('has no barriers on the way in', async () => {
    await site.visit({}, async ({ page }) => {
      await page.goto(site.url);
      await check(page, 'Sign in · Example Company');
      await signInAtProvider(page, 'dave@example.com');
      await check(page, 'No access · Paperlift');
    });
  });

  it('has no barriers while a project is made and its pages wait', async () => {
    const paper = await textJpeg(['Corner Bookshop', 'Total 34.70'], { width: 700, height: 300 });
    const blank = await sharp({ create: { width: 400, height: 500, channels: 3, background: '#fff' } })
      .jpeg()
      .toBuffer();
    const paths = [
      await site.file('paper.jpg', paper),
      await site.file('blank.jpg', blank),
      await site.file('damaged.jpg', damageJpeg(paper)),
      await site.file('notes.jpg', 'no image'),
    ];
    await site.visit({ expected: /415 POST/ }, async ({ page }) => {
      await signIn(page, 'alice@example.com', site.url);
      await check(page, 'Projects · Paperlift');
      await type(page, '#new-name', 'x'.repeat(201));
      await follow(page, () => page.click('form[action="/projects"] button'));
      await check(page, 'Projects · Paperlift');
      projectUrl = await createProject(page, 'Scans of May');
      await check(page, 'Scans of May · Paperlift');
      await chooseFiles(page, paths);
      await waitForPages(page, (pills) => pills.join() === 'waiting,waiting,waiting');
      await check(page, 'Scans of May · Paperlift');
      await follow(page, () => page.click('.page-link'));
      assert.match(await textOf(page, '.text'), /Processing this page/);
      await check(page, 'Page 1 · Scans of May · Paperlift');
    });
  });

  it('has no barriers when pages are ready, empty or failed', { timeout: 600_000 }, async () => {
    worker.start();
    await site.visit({}, async ({ page }) => {
      await signIn(page, 'alice@example.com', projectUrl);
      await waitForPages(page, ([first = '', ...rest]) => isReady(first) && rest.join() === 'no text,failed');
      await page.click('.head details.menu summary');
      await follow(page, () => page.click('button[value="txt"]'));
      await waitForTexts(page, '.export-row .pill', ([pill]) => pill === 'ready');
      await page.click('.head details.menu summary');
      await check(page, 'Scans of May · Paperlift');
      await page.goto(projectUrl);
      await page.click('.person-menu summary');
      for (const summary of await page.$$('.manage-item summary')) await summary.click();
      await check(page, 'Scans of May · Paperlift');

      const pages = await page.$$eval('.page-link', (links) =>
        links.map((link) => (link as HTMLAnchorElement).href),
      );
      for (const [index, says] of [
        /Corner Bookshop/,
        /No text was found on this page/,
        /This page couldn’t be read/,
      ].entries()) {
        await page.goto(pages[index] as string);
        assert.match(await textOf(page, '.text'), says);
        await check(page, `Page ${index + 1} · Scans of May · Paperlift`);
      }
      await page.goto(site.url);
      await page.click('.head details.menu summary');
      await check(page, 'Projects · Paperlift');
    });
  });

  it('has no barriers for administrators, on errors and on the way out', async () => {
    await site.visit({}, async ({ page }) => {
      await signIn(page, 'carol@example.com', `${site.url}/?scope=all`);
      await check(page, 'All projects · Paperlift');
      await page.goto(`${site.url}/admin`);
      await check(page, 'Administration · Paperlift');
      await page.goto(`${site.url}/nowhere`);
      await check(page, 'Not found · Paperlift');
      await page.click('.person-menu summary');
      await follow(page, () => page.click('form[action="/auth/logout"] button'));
      await check(page, 'Signed out · Paperlift');
    });
  });
});

async function check(page: Page, title: string) {
  assert.equal(await page.title(), title);
  assert.deepEqual(await findBarriers(page), [], title);
}
