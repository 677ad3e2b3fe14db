// Takes the pictures of docs/images: `node scripts/take-screenshots.ts`. It starts a Paperlift of its own, with nothing in it
// but the sample papers, and uses it as a person does.
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { ElementHandle, Page } from 'puppeteer-core';
import sharp from 'sharp';
import { damageJpeg } from '../test/browser/damaged-jpeg.ts';
import { openBrowser } from '../test/support/browser.ts';
import { startPaperlift } from '../test/support/paperlift.ts';
import { waitFor } from '../test/support/wait.ts';
import { papers, photograph } from './sample-papers.ts';

const images = path.join(import.meta.dirname, '../docs/images');
const files = await mkdtemp(path.join(tmpdir(), 'paperlift-papers-'));
const paperlift = await startPaperlift({ worker: true });
const browser = await openBrowser({
  origins: [paperlift.url, new URL(paperlift.config.saml.providers[0]?.entryPoint ?? '').origin],
});

try {
  const paths = await drawPapers();
  const projectUrl = await fillProject(paths);
  await browser.visit({ height: 860 }, async ({ page }) => {
    await signIn(page, projectUrl);
    await save(page, 'project.png');
    await page.goto(await addressOfDoubtfulPage(page));
    await pointAtLine(page, 'TOTAL');
    await save(page, 'review.png');
  });
  await browser.visit({ height: 860, dark: true }, async ({ page }) => {
    await signIn(page, projectUrl);
    await page.goto(await addressOfDoubtfulPage(page));
    await pointAtLine(page, 'TOTAL');
    await save(page, 'review-dark.png');
  });
  await browser.visit({ width: 390, height: 844 }, async ({ page }) => {
    await signIn(page, projectUrl);
    await save(page, 'phone.png');
  });
} finally {
  await browser.stop();
  await paperlift.stop();
  await rm(files, { recursive: true, force: true });
}

/** The papers as files, and among them a photograph that is damaged. */
async function drawPapers(): Promise<string[]> {
  const drawn = await browser.visit({ width: 800, height: 1000, scale: 2 }, async ({ page }) => {
    const photographs: { name: string; bytes: Buffer }[] = [];
    for (const paper of papers) {
      photographs.push({ name: paper.fileName, bytes: await photograph(page, paper) });
    }
    return photographs;
  });
  const [first] = drawn;
  if (first) drawn.push({ name: 'lunch.jpg', bytes: damageJpeg(first.bytes) });
  const paths = drawn.map(({ name }) => path.join(files, name));
  await Promise.all(drawn.map(({ bytes }, index) => writeFile(paths[index] as string, bytes)));
  return paths;
}

async function fillProject(paths: string[]): Promise<string> {
  return browser.visit({}, async ({ page }) => {
    await signIn(page, paperlift.url);
    await page.type('#new-name', 'May trip, Port Amber');
    await Promise.all([page.waitForNavigation(), page.click('form[action="/projects"] button')]);
    const input = (await page.$('#files')) as ElementHandle<HTMLInputElement>;
    await input.uploadFile(...paths);
    await waitFor('all pages', async () => {
      const pills = await page.$$eval('.page-head .pill', (all) => all.map((pill) => pill.textContent));
      const isOver = pills.every((pill) => /ready|check|failed|no text/.test(pill ?? ''));
      return pills.length === paths.length && isOver ? true : undefined;
    });
    return page.url();
  });
}

async function signIn(page: Page, address: string) {
  await page.goto(address);
  await page.click('button[value="alice@example.com"]');
  await page.waitForSelector('a.logo');
  await page.waitForNetworkIdle();
}

async function addressOfDoubtfulPage(page: Page): Promise<string> {
  return page.$$eval('.page-card:has(.pill-doubt) .page-link', (links) => {
    const [link] = links as HTMLAnchorElement[];
    if (!link) throw new Error('no word is doubtful');
    return link.href;
  });
}

async function pointAtLine(page: Page, start: string) {
  await page.waitForNetworkIdle();
  const lines = await page.$$('.line');
  for (const line of lines) {
    const text = await line.evaluate((element) => element.textContent ?? '');
    if (text.startsWith(start)) return line.hover();
  }
  throw new Error(`no line starts with ${start}`);
}

async function save(page: Page, name: string) {
  await mkdir(images, { recursive: true });
  const picture = await page.screenshot({ type: 'png' });
  const { size } = await sharp(picture)
    .png({ palette: true, quality: 95, effort: 10 })
    .toFile(path.join(images, name));
  console.log(`${name}: ${Math.round(size / 1024)} KB`);
}
