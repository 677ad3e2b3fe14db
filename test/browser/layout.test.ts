// How pages lie in their windows, measured: nothing sticks out sideways at any width or size of text, menus open within the
// window, targets are large enough for pointers and fingers, and a project prints as its thumbnails.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { CDPSession, Page } from 'puppeteer-core';
import { ulid } from 'ulid';
import { addPage, addProject } from '../search/stage.ts';
import { textJpeg } from '../support/images.ts';
import { localPersonId } from '../support/local-people.ts';
import { addServiceAccount } from '../support/service-accounts.ts';
import { follow, openSite, type Site, signIn } from './site.ts';

const longName = 'Contract_with_a_name_that_never_ends_and_has_no_space_to_break_it_at_all.pdf';

describe('the layout', () => {
  let site: Site;
  let projectUrl: string;
  let reviewUrl: string;

  before(async () => {
    site = await openSite({});
    const { paperlift } = site;
    const lines = ['Lim Seng Tho Hardware', 'Subtotal 39. 00'];
    const image = {
      data: await textJpeg(lines, { width: 900, height: 1200 }),
      width: 900,
      height: 1200,
    };
    const projectId = await addProject(paperlift, 'alice@example.com', longName);
    for (let number = 1; number <= 12; number += 1)
      await addPage(paperlift, projectId, lines, image, { fileName: `receipt-${number}.jpg` });
    const pageId = await addPage(paperlift, projectId, lines, image, { fileName: longName });
    projectUrl = `${site.url}/projects/${projectId}`;
    await addServiceAccount(paperlift, longName, ['projects.create', 'projects.take-part', 'trails.read']);
    reviewUrl = `${projectUrl}/pages/${pageId}?q=39.00`;
    const at = new Date().toISOString();
    for (const format of ['searchable-pdf', 'txt', 'zip', 'json'] as const) {
      await paperlift.services.stores.exports.create({
        id: ulid(),
        projectId,
        format,
        status: 'ready',
        fingerprint: 'older',
        requestedBy: localPersonId(paperlift, 'alice@example.com'),
        requestedByName: 'Alice Archer',
        createdAt: at,
        updatedAt: at,
        pageCount: 1334,
        sizeBytes: 1_500_000_000,
      } as never);
    }
  });
  after(() => site?.stop());

  const pagesOf = (who: string): string[] =>
    who === 'alice'
      ? [
          '/',
          projectUrl,
          `${projectUrl}/exports`,
          reviewUrl,
          reviewUrl.replace('?q=39.00', '/replace'),
          '/search?q=39.00',
          '/search?q=nowhere',
          '/account',
          '/not-there',
        ]
      : [
          '/?scope=all',
          '/admin',
          '/admin/access',
          '/admin/people',
          '/admin/audit',
          '/admin/service-accounts',
          '/admin/directory',
        ];

  async function open(page: Page, path: string) {
    await page.goto(new URL(path, site.url).href, { waitUntil: 'load' });
  }

  it('fits every window from 320 to 1920 px, also with text of 200 %, and targets are 24 px at least', {
    timeout: 600_000,
  }, async () => {
    const problems: string[] = [];
    for (const who of ['alice', 'carol']) {
      await site.visit({}, async ({ page }) => {
        await signIn(page, `${who}@example.com`, site.url);
        const client = await page.createCDPSession();
        for (const path of pagesOf(who)) {
          await open(page, path);
          for (const size of [16, 32]) {
            await setTextSize(client, size);
            for (const width of [320, 360, 680, 740, 1280, 1920]) {
              await page.setViewport({ width, height: 800 });
              const where = `${path} at ${width} px, text of ${size} px`;
              const found = [
                ...(await sticksOut(page)),
                ...(await smallTargets(page, 24)),
                ...(await brokenHead(page)),
              ];
              if (found.length > 0) problems.push(`${where}: ${found.join('; ')}`);
            }
          }
          await setTextSize(client, 16);
        }
      });
    }
    assert.deepEqual(problems, []);
  });

  it('has targets of 44 px for fingers', async () => {
    const problems: string[] = [];
    for (const who of ['alice', 'carol']) {
      await site.visit({}, async ({ page }) => {
        await signIn(page, `${who}@example.com`, site.url);
        await page.setViewport({ width: 360, height: 740, isMobile: true, hasTouch: true });
        for (const path of pagesOf(who)) {
          await open(page, path);
          assert.ok(await page.evaluate(() => matchMedia('(pointer: coarse)').matches));
          const found = [...(await smallTargets(page, 44)), ...(await sticksOut(page))];
          if (found.length > 0) problems.push(`${path}: ${found.join('; ')}`);
        }
      });
    }
    assert.deepEqual(problems, []);
  });

  for (const script of [true, false])
    it(`opens menus within the window and at their buttons, ${script ? 'before they are painted' : 'also without script'}`, async () => {
      const problems: string[] = [];
      await site.visit({ script }, async ({ page }) => {
        if (script) await signIn(page, 'alice@example.com', site.url);
        else {
          await page.goto(site.url);
          await follow(page, () => page.click('button[value="alice@example.com"]'));
          await follow(page, () => page.click('button.primary'));
        }
        const client = await page.createCDPSession();
        for (const path of ['/', projectUrl, `${projectUrl}/exports`, reviewUrl]) {
          await open(page, path);
          for (const size of [16, 32]) {
            await setTextSize(client, size);
            for (const width of [320, 700, 820, 1280]) {
              await page.setViewport({ width, height: 800 });
              const found = await misplacedMenus(page);
              if (found.length > 0)
                problems.push(`${path} at ${width} px, text of ${size} px: ${found.join()}`);
            }
          }
        }
      });
      assert.deepEqual(problems, []);
    });

  it('gives a new project’s name the focus', async () => {
    await site.visit({}, async ({ page }) => {
      await signIn(page, 'alice@example.com', site.url);
      await page.click('.head details.menu > summary');
      await page.waitForFunction(() => document.activeElement?.id === 'new-name');
    });
  });

  it('uses the window’s width for the pages, aligns what stands in rows, and prints the thumbnails alone', async () => {
    await site.visit({ width: 1920 }, async ({ page }) => {
      await signIn(page, 'alice@example.com', projectUrl);
      const columns = await page.$$eval(
        '.page-card',
        (cards) => new Set(cards.map((card) => card.getBoundingClientRect().left)).size,
      );
      assert.ok(columns >= 8, `${columns} columns`);
      assert.equal(await page.$$eval('#earlier-exports .export-row', (rows) => rows.length), 1);
      const tops = await page.$$eval('.exports-more > *', (parts) =>
        parts.map((part) => part.getBoundingClientRect().top),
      );
      assert.equal(new Set(tops).size, 1, 'older exports and all exports stand in one line');
      await open(page, `${projectUrl}/exports`);
      const firstLines = await page.$$eval('.format', (cards) =>
        cards.map((card) => {
          const label = (card.querySelector('strong') as HTMLElement).getBoundingClientRect();
          return Math.round(label.top - card.getBoundingClientRect().top);
        }),
      );
      assert.equal(new Set(firstLines).size, 1, 'labels stand in one line');
      await open(page, projectUrl);
      await page.emulateMediaType('print');
      const seen = await page.$$eval('a, button, input, summary, label', (controls) =>
        controls
          .filter((control) => control.checkVisibility() && !control.matches('.page-link, .visually-hidden'))
          .map(({ id }) => id),
      );
      assert.deepEqual(seen, [], 'no controls on paper');
      const printed = await page.$$eval('.page-card', (cards) =>
        cards.map((card) => [
          card.querySelector('.page-desk img')?.checkVisibility(),
          (card.querySelector('.page-link') as HTMLElement).innerText.replace(/\s+/g, ' ').trim(),
          getComputedStyle(card.querySelector('.page-link') as HTMLElement, '::after').content,
        ]),
      );
      assert.deepEqual(printed[0], [true, 'Page 1', '"receipt-1.jpg"']);
    });
  });

  it('lists the keyboard shortcuts by ? and from the menu, and lets single keys be switched off', async () => {
    await site.visit({}, async ({ page }) => {
      await signIn(page, 'alice@example.com', site.url);
      await page.waitForSelector('#search-q[role=combobox]');
      await page.keyboard.press('?');
      await page.waitForSelector('#keys[open]');
      await page.click('#keys-setting');
      await page.keyboard.press('Escape');
      await page.waitForSelector('#keys:not([open])');
      await page.focus('.logo');
      await page.keyboard.press('?');
      await page.keyboard.press('/');
      assert.equal(await page.$('#keys[open]'), null);
      assert.equal(await page.evaluate(() => document.activeElement?.id), '');
      await page.click('.person-menu > summary');
      await page.click('[data-keys]');
      await page.waitForSelector('#keys[open]');
    });
  });
});

/** As a browser's setting. */
async function setTextSize(client: CDPSession, size: number) {
  await client.send('Page.setFontSizes', { fontSizes: { standard: size, fixed: (size * 13) / 16 } });
}

/** What is wider than the window, or lies beside it, and would have to be pushed to be seen. */
function sticksOut(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const width = document.documentElement.clientWidth;
    const found = document.documentElement.scrollWidth > width ? ['the page itself'] : [];
    for (const element of document.body.querySelectorAll('*')) {
      // what scrolls or is cut off by intention
      if (element.closest('.visually-hidden, .skip-link, .table-scroll, #desk, .crumbs, .found, dialog'))
        continue;
      const { left, right } = element.getBoundingClientRect();
      if (right - left > 0 && element.checkVisibility() && (right > width + 1 || left < -1))
        found.push(`${element.tagName} ${element.id || element.getAttribute('class')}`);
    }
    return found.slice(0, 5);
  });
}

/** Controls with less room than this many pixels each way; links within sentences are as high as their line. */
function smallTargets(page: Page, least: number): Promise<string[]> {
  return page.evaluate((least) => {
    const found: string[] = [];
    for (const control of document.body.querySelectorAll(
      'a[href], button, input, select, textarea, summary',
    )) {
      if (
        !control.checkVisibility({ opacityProperty: false }) ||
        control.matches('[type="hidden"], [tabindex="-1"]')
      )
        continue;
      if (
        control.closest('.visually-hidden, .skip-link, dialog') ||
        getComputedStyle(control).display === 'inline'
      ) {
        const isCovered = getComputedStyle(control, '::after').position === 'absolute';
        if (!isCovered) continue;
      }
      const { type } = control as HTMLInputElement;
      const label =
        (type === 'file' && document.querySelector(`label[for="${control.id}"]`)) ||
        (type === 'checkbox' && control.closest('label'));
      const covered =
        getComputedStyle(control, '::after').position === 'absolute' && control.closest('.row, .page-card');
      const { width, height } = (covered || label || control).getBoundingClientRect();
      if (width > 0 && (width < least - 0.5 || height < least - 0.5))
        found.push(
          `${control.tagName} ${control.id || control.className}: ${width.toFixed(0)} × ${height.toFixed(0)}`,
        );
    }
    return [...new Set(found)].slice(0, 8);
  }, least);
}

/**
 * Menus that are outside of the window, or away from their buttons, at the first frame after they were opened: `toggle`
 * comes later.
 */
function misplacedMenus(page: Page): Promise<string[]> {
  return page.evaluate(async () => {
    const found: string[] = [];
    for (const summary of document.querySelectorAll<HTMLElement>('details.menu > summary')) {
      const menu = summary.parentElement as HTMLDetailsElement;
      menu.open = true;
      await Promise.resolve();
      const panel = (menu.querySelector('.menu-panel') as HTMLElement).getBoundingClientRect();
      const button = summary.getBoundingClientRect();
      const isOut = panel.left < 0 || panel.right > document.documentElement.clientWidth;
      const isAway = panel.right < button.left || panel.left > button.right;
      if (isOut || isAway)
        found.push(
          `${menu.className} ${summary.innerText} ${panel.left.toFixed()} to ${panel.right.toFixed()}`,
        );
      menu.open = false;
    }
    return found;
  });
}

/** The logo is one line of text, and the menu of the person a circle. */
function brokenHead(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const name = document.querySelector('.logo span') as HTMLElement;
    const lines = name.getClientRects().length;
    const { width, height } = (document.querySelector('.initials') as HTMLElement).getBoundingClientRect();
    return [
      ...(lines > 1 ||
      name.getBoundingClientRect().height > 1.9 * Number.parseFloat(getComputedStyle(name).fontSize)
        ? ['the logo is broken']
        : []),
      ...(Math.abs(width - height) > 1 ? [`the circle is ${width} × ${height}`] : []),
    ];
  });
}
