// Choosing languages in a browser: of a project, of a page, and without script.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Page } from 'puppeteer-core';
import { addPile } from '../support/piles.ts';
import { findBarriers } from './axe.ts';
import { follow, openSite, type Site, signIn, textOf, type } from './site.ts';

const alice = 'alice@example.com';

describe('languages', () => {
  let site: Site;
  before(async () => {
    site = await openSite({ env: { DEFAULT_LANGUAGES: 'en', TEXTRACT_ENDPOINT: '' } });
  });
  after(() => site?.stop());

  const stored = async (projectId: string) =>
    (await site.paperlift.services.stores.projects.find(projectId))?.languages;
  const choose = (page: Page, tag: string) => page.click(`input[name="languages"][value="${tag}"]`);

  it('are chosen with a new project, or left to the default', async () => {
    await site.visit({}, async ({ page }) => {
      await signIn(page, alice, site.url);
      await type(page, '#new-name', 'Letters from Bonn');
      assert.match(await textOf(page, '.new-languages summary'), /Languages: English \(default\)/);
      await page.click('.new-languages summary');
      assert.deepEqual(await findBarriers(page), []);
      await choose(page, 'de');
      await follow(page, () => page.click('form[action="/projects"] button.primary'));
      const projectId = new URL(page.url()).pathname.split('/')[2] as string;
      assert.deepEqual(await stored(projectId), ['de']);
      assert.equal(await textOf(page, '#languages-open'), 'Languages: German');
    });
  });

  it('are changed by keys alone; pages without a person’s work are processed again on request', async () => {
    const { projectId, path } = await addPile(site.paperlift, alice, {
      count: 3,
      overridesOf: (index) => (index === 0 ? { reviewedAt: '2026-11-01T10:00:00.000Z' } : {}),
    });
    await site.visit({}, async ({ page }) => {
      await signIn(page, alice, site.url + path);
      await page.focus('#languages-open');
      await page.keyboard.press('Enter');
      await page.waitForFunction(() => document.activeElement?.matches('input[name="languages"]'));
      await page.keyboard.press('Tab');
      await page.keyboard.press('Space');
      assert.deepEqual(await findBarriers(page), []);
      await follow(page, () => page.keyboard.press('Enter'));
      assert.deepEqual(await stored(projectId), ['de']);
      const said = await textOf(page, '#messages');
      assert.match(said, /Languages changed to German\. Pages processed from now on use this choice\./);
      assert.match(said, /1 page with corrections, a review or languages of its own stays as it is\./);
      assert.deepEqual(await findBarriers(page), []);
      assert.match(await textOf(page, '#retry-untouched'), /Detect text of 2 pages again/);
      await follow(page, () => page.click('#retry-untouched'));
      const pages = await site.paperlift.services.stores.pages.list(projectId);
      assert.deepEqual(
        pages.map(({ status, revision }) => `${status} ${revision}`),
        ['ready 1', 'uploaded 2', 'uploaded 2'],
      );
    });
  });

  it('are told where Amazon Textract does not read them, in words as well', async () => {
    const { path } = await addPile(site.paperlift, alice, { count: 1 });
    await site.visit({}, async ({ page }) => {
      await signIn(page, alice, site.url + path);
      await page.click('#languages-open');
      const form = await textOf(page, '#languages-menu form');
      assert.match(form, /It doesn’t read the languages marked \*/);
      assert.match(form, /Polish\*\s+\(Amazon Textract doesn’t read it\)/);
      assert.doesNotMatch(form, /German\*/);
    });
  });

  it('of a page are chosen from its menu, on a phone and without script, after a warning', async () => {
    const { projectId, pageIds, path } = await addPile(site.paperlift, alice, {
      count: 2,
      overridesOf: (index) => (index === 0 ? { corrections: { l1: 'Mine' }, edits: 1 } : {}),
    });
    const [first, second] = pageIds as [string, string];
    const find = (id: string) => site.paperlift.services.stores.pages.findWithText(projectId, id);
    await site.visit({ width: 360, height: 740, script: false, expected: /409/ }, async ({ page }) => {
      await page.goto(site.url + path);
      await follow(page, () => page.click(`button[value="${alice}"]`));
      await follow(page, () => page.click('button.primary')); // Continue
      await page.click(`#more-${first}`);
      await follow(page, () => page.click(`#menu-${first} a[href$="/detect-again"]`));
      assert.match(await textOf(page, 'main'), /Corrections to the current text and its review are lost/);
      assert.match(await textOf(page, 'main'), /None selected: English, as in the project\./);
      await choose(page, 'fr');
      await follow(page, () => page.click('button.danger'));
      assert.equal(new URL(page.url()).pathname, path);
      const again = await find(first);
      assert.deepEqual(
        [again?.status, again?.languages, again?.corrections],
        ['uploaded', ['fr'], undefined],
      );

      await page.goto(`${site.url}${path}/pages/${second}/detect-again?from=page`);
      const corrected = await find(second);
      assert.ok(corrected);
      await site.paperlift.services.stores.pages.correct(
        corrected,
        { corrections: { l1: 'Theirs' } } as never,
        { text: 'Theirs', wordCount: 1, doubtfulCount: 0 },
      );
      await follow(page, () => page.click('button.primary'));
      assert.match(await textOf(page, '[role="alert"]'), /has corrections or is marked as reviewed/);
      await follow(page, () => page.click('button.danger'));
      assert.equal(new URL(page.url()).pathname, `${path}/pages/${second}`);
    });
  });
});
