// Takes the screenshots in docs/screenshots: `npx node scripts/take-screenshots.ts`. Starts a Paperlift with only the
// sample papers, and uses it as a person does.
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

const pictures = path.join(import.meta.dirname, '../docs/screenshots');
const files = await mkdtemp(path.join(tmpdir(), 'paperlift-papers-'));
const paperlift = await startPaperlift({ worker: true });
const browser = await openBrowser({
  origins: [paperlift.url, new URL(paperlift.config.saml.providers[0]?.entryPoint ?? '').origin],
  camera: true,
});

interface Scene {
  name: string;
  /** By default alice, whose projects these are. */
  as?: string;
  /** Opens the view to capture. */
  show: (page: Page, projectUrl: string) => Promise<unknown>;
}

const scenes: Scene[] = [
  { name: 'projects', show: (page) => page.goto(paperlift.url) },
  { name: 'project', show: (page, projectUrl) => page.goto(projectUrl) },
  {
    name: 'review',
    async show(page, projectUrl) {
      await page.goto(projectUrl);
      await page.goto(await urlOfUnsurePage(page));
      await pointAtLine(page, 'TOTAL');
    },
  },
  { name: 'exports', show: (page, projectUrl) => page.goto(`${projectUrl}/exports`) },
  { name: 'sharing', show: (page, projectUrl) => page.goto(`${projectUrl}/members`) },
  { name: 'to-review', show: (page) => page.goto(`${paperlift.url}/review`) },
  { name: 'search', show: (page) => page.goto(`${paperlift.url}/search?q=total`) },
  {
    name: 'use-your-phone',
    async show(page, projectUrl) {
      await page.goto(projectUrl);
      await page.click('#use-phone');
      await page.waitForSelector('#phone-link');
    },
  },
  {
    name: 'camera',
    async show(page, projectUrl) {
      await page.goto(projectUrl);
      await page.click('#take-photos');
      await page.waitForSelector('#shutter', { visible: true });
      await page.waitForFunction(() => document.querySelector('#camera-hint')?.textContent);
    },
  },
  { name: 'account', show: (page) => page.goto(`${paperlift.url}/account`) },
  {
    name: 'sign-in-doctor',
    as: 'carol@example.com',
    show: (page) => page.goto(`${paperlift.url}/admin/access`),
  },
  {
    name: 'audit-trails',
    as: 'carol@example.com',
    show: (page) => page.goto(`${paperlift.url}/admin/audit`),
  },
  { name: 'people', as: 'carol@example.com', show: (page) => page.goto(`${paperlift.url}/admin/people`) },
  {
    name: 'service-accounts',
    as: 'carol@example.com',
    show: (page) => page.goto(`${paperlift.url}/admin/service-accounts`),
  },
  { name: 'webhooks', as: 'carol@example.com', show: (page) => page.goto(`${paperlift.url}/admin/webhooks`) },
  { name: 'administration', as: 'carol@example.com', show: (page) => page.goto(`${paperlift.url}/admin`) },
];

const sizes = { desktop: { width: 1440, height: 900 }, phone: { width: 390, height: 844 } };
const themes = { light: false, dark: true };

try {
  const projectUrl = await fillProjects(await drawPapers());
  await makeExports(projectUrl);
  await share(projectUrl);
  await rm(pictures, { recursive: true, force: true });
  await mkdir(pictures, { recursive: true });
  for (const [size, viewport] of Object.entries(sizes)) {
    for (const [theme, dark] of Object.entries(themes)) {
      for (const as of ['alice@example.com', 'carol@example.com']) {
        await browser.visit({ ...viewport, dark }, async ({ page }) => {
          await signIn(page, paperlift.url, as);
          for (const scene of scenes.filter((each) => (each.as ?? 'alice@example.com') === as)) {
            await scene.show(page, projectUrl);
            await page.waitForNetworkIdle();
            await save(page, `${scene.name}-${size}-${theme}`);
          }
        });
      }
    }
  }
  await photographWithPhone(projectUrl);
} finally {
  await browser.stop();
  await paperlift.stop();
  await rm(files, { recursive: true, force: true });
}

/** The papers as files, one of them a damaged photo. */
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

/** Creates three projects; the last one is shown. Returns its URL. */
async function fillProjects(paths: string[]): Promise<string> {
  return browser.visit({}, async ({ page }) => {
    await signIn(page, paperlift.url);
    await fillProject(page, 'Warranty cards', paths.slice(0, 2));
    await fillProject(page, 'Supplier contracts 2019', paths.slice(1, 3));
    return fillProject(page, 'May trip, Port Amber', paths);
  });
}

async function fillProject(page: Page, name: string, paths: string[]): Promise<string> {
  await page.goto(paperlift.url);
  if (!(await page.$eval('#new-name', (input) => input.checkVisibility()))) {
    await page.click('.head details.menu summary');
  }
  await page.type('#new-name', name);
  await Promise.all([page.waitForNavigation(), page.click('form[action="/projects"] button')]);
  const input = (await page.$('#files')) as ElementHandle<HTMLInputElement>;
  await input.uploadFile(...paths);
  await waitFor('all pages', async () => {
    const pills = await page.$$eval('.page-head .pill', (all) => all.map((pill) => pill.textContent));
    const isOver = pills.every((pill) => /ready|check|failed|no text/.test(pill ?? ''));
    return pills.length === paths.length && isOver ? true : undefined;
  });
  return page.url();
}

async function makeExports(projectUrl: string) {
  await browser.visit({}, async ({ page }) => {
    await signIn(page, paperlift.url);
    await page.goto(`${projectUrl}/exports`);
    for (const format of ['searchable-pdf', 'zip']) {
      await Promise.all([page.waitForNavigation(), page.click(`#make-${format}`)]);
      await waitFor('the export', async () => {
        const pills = await page.$$eval('.export-row .pill', (all) => all.map((pill) => pill.textContent));
        return pills.every((pill) => pill === 'ready') ? true : undefined;
      });
    }
  });
}

/** With a person and a team, which is to review it. */
async function share(projectUrl: string) {
  await browser.visit({}, async ({ page }) => {
    await signIn(page, paperlift.url);
    for (const [typed, name] of [
      ['Bob', 'Bob Baker'],
      ['Finance', 'Finance'],
    ]) {
      await page.goto(`${projectUrl}/members`);
      await page.type('#who', typed as string);
      const button = await page.waitForSelector(`#found [aria-label="Share with ${name}"]`);
      await Promise.all([page.waitForNavigation(), button?.click()]);
    }
    await page.goto(projectUrl);
    await page.click('#assign-open');
    await page.select(
      '#assign-to',
      await page.$eval('#assign-to option:last-child', (option) => (option as HTMLOptionElement).value),
    );
    await Promise.all([page.waitForNavigation(), page.click('#assign-project')]);
  });
}

/** The phone's page, which is dark in either theme. */
async function photographWithPhone(projectUrl: string) {
  const link = await browser.visit({}, async ({ page }) => {
    await signIn(page, paperlift.url);
    await page.goto(projectUrl);
    await page.click('#use-phone');
    await page.waitForSelector('#phone-link');
    return page.$eval('.phone-address a', (anchor) => (anchor as HTMLAnchorElement).href);
  });
  await browser.visit(sizes.phone, async ({ page }) => {
    await page.goto(link);
    await page.waitForSelector('#shutter', { visible: true });
    await page.waitForFunction(() => document.querySelector('#camera-hint')?.textContent);
    await save(page, 'phone-camera');
  });
}

async function signIn(page: Page, address: string, as = 'alice@example.com') {
  await page.goto(address);
  await page.click(`button[value="${as}"]`);
  await page.waitForSelector('a.logo');
  await page.waitForNetworkIdle();
}

async function urlOfUnsurePage(page: Page): Promise<string> {
  return page.$$eval('.page-card:has(.pill-doubt) .page-link', (links) => {
    const [link] = links as HTMLAnchorElement[];
    if (!link) throw new Error('no word is doubtful');
    return link.href;
  });
}

async function pointAtLine(page: Page, words: string) {
  await page.waitForNetworkIdle();
  const lines = await page.$$('.line');
  for (const line of lines) {
    const text = await line.evaluate((element) => element.textContent ?? '');
    if (text.includes(words) && (await line.isVisible())) return line.hover();
  }
}

async function save(page: Page, name: string) {
  const picture = await page.screenshot({ type: 'png' });
  const { size } = await sharp(picture)
    .webp({ quality: 80, effort: 6 })
    .toFile(path.join(pictures, `${name}.webp`));
  console.log(`${name}: ${Math.round(size / 1024)} KB`);
}
