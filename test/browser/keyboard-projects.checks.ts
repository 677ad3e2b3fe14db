// What is done to projects, their pages and exports without a pointer, besides page actions, which have a test of their own.
import assert from 'node:assert/strict';
import { ulid } from 'ulid';
import { buildFailedImport } from '../support/imports.ts';
import { addPile } from '../support/piles.ts';
import { enter, followAt, pressAt, tabTo, waitForFocus } from './keys.ts';
import { type Site, textOf, textsOf, waitForDownload, waitForTexts } from './site.ts';

const alice = 'alice@example.com';
const failure = { code: 'tried-too-often', message: 'The page couldn’t be read.' };

export async function readsAgainWhatFailed(site: Site) {
  const { path, pageIds } = await addPile(site.paperlift, alice, {
    name: 'Failed',
    count: 4,
    overridesOf: (index) => (index < 3 ? { status: 'failed', failure } : {}),
  });
  await site.visit({}, async ({ page }) => {
    await enter(page, alice, site.url + path);
    await followAt(page, `#retry-${pageIds[0]}`);
    await waitForFocus(page, `#replace-failed-${pageIds[0]}, #retry-${pageIds[1]}`);
    await tabTo(page, `#replace-failed-${pageIds[1]}`);
    await followAt(page, '#retry-all', { isBackwards: true });
    await waitForFocus(page, '#choose-all');
    await waitForTexts(page, '.trouble', (troubles) => troubles.length === 0);
    await waitForFocus(page, '#choose-all');
  });
}

export async function removesAFileThatCouldNotBeSplit(site: Site) {
  const { path, projectId } = await addPile(site.paperlift, alice, { name: 'Files', count: 1 });
  const at = new Date().toISOString();
  const ids = [ulid(), ulid()].sort();
  for (const [index, id] of ids.entries()) {
    await site.paperlift.services.stores.imports.create(
      buildFailedImport({ id, projectId, position: index, fileName: `torn-${index}.pdf`, createdAt: at }),
    );
  }
  await site.visit({}, async ({ page }) => {
    await enter(page, alice, site.url + path);
    await followAt(page, `#remove-import-${ids[0]}`);
    await waitForFocus(page, `#retry-import-${ids[1]}`);
    await followAt(page, `#retry-import-${ids[1]}`);
    await waitForTexts(page, '.import', ([text = '']) => /torn-1\.pdf/.test(text));
    await followAt(page, `#remove-import-${ids[1]}`);
    await waitForFocus(page, '#choose-all');
    assert.deepEqual(await textsOf(page, '.import'), []);
  });
}

export async function rotatesMovesAndDeletesWhatIsChosen(site: Site) {
  const { path, pageIds, projectId } = await addPile(site.paperlift, alice, {
    name: 'Corrected',
    count: 3,
    overridesOf: (index) => (index === 0 ? { edits: 1, corrections: { l1: 'Mine' } } : {}),
  });
  const [first, second, third] = pageIds;
  const order = async () =>
    (await site.paperlift.services.stores.pages.list(projectId)).map(({ id }) => id).join();
  await site.visit({}, async ({ page }) => {
    await enter(page, alice, site.url + path);
    await tabTo(page, `#pick-${first}`);
    await page.keyboard.press('Space');
    await pressAt(page, '#rotate-left-chosen', { isBackwards: true });
    await waitForTexts(page, '#announcer', ([said]) => said === 'Page rotated left.');
    await waitForFocus(page, '#rotate-left-chosen'); // to be pressed again
    await page.keyboard.press('Enter');
    await page.waitForSelector(`#page-${first} img[src$="rotation=180"]`);
    await waitForFocus(page, '#rotate-left-chosen');
    await pressAt(page, '#clear-chosen');

    await pressAt(page, `#more-${third}`);
    await tabTo(page, `#to-${third}`);
    await page.keyboard.type('1');
    await pressAt(page, `button[value="move:${third}"]`);
    await waitForTexts(page, '#announcer', ([said]) => said === 'Page moved to position 1.');
    await waitForFocus(page, `#more-${third}`);
    assert.equal(await order(), [third, first, second].join());

    await tabTo(page, `#pick-${second}`);
    await page.keyboard.press('Space');
    await tabTo(page, '#move-chosen-to', { isBackwards: true });
    await page.keyboard.type('2');
    await pressAt(page, '#move-chosen');
    await waitForTexts(page, '#announcer', ([said]) => said === 'Page moved to position 2.');
    await waitForFocus(page, '#choose-all');
    assert.equal(await order(), [third, second, first].join());

    for (const pageId of [second, third]) {
      await tabTo(page, `#pick-${pageId}`);
      await page.keyboard.press('Space');
    }
    await pressAt(page, '#delete-chosen', { isBackwards: true });
    await waitForFocus(page, '[id^="undo-"]');
    await page.keyboard.press('Enter');
    await waitForFocus(page, `#open-${third}`, `#page-${third}`);
  });
}

export async function makesOpensAndDownloadsExports(site: Site) {
  const { path, projectId, pageIds } = await addPile(site.paperlift, alice, { name: 'Taken away', count: 2 });
  await site.visit({}, async (visitor) => {
    const { page } = visitor;
    await enter(page, alice, `${site.url}${path}/exports`);
    const formats = await page.$$eval('.format', (buttons) => buttons.map(({ id }) => id));
    assert.equal(formats.length, 6);
    for (const id of formats) {
      await followAt(page, `#${id}`);
      await waitForFocus(page, `#${id}`);
    }
    await waitForTexts(page, '.export-row .pill', (pills) => pills.join() === Array(6).fill('ready').join());
    await waitForFocus(page, `#${formats.at(-1)}`);

    const opened = new Promise((resolve) => page.browserContext().once('targetcreated', resolve));
    await pressAt(page, '.export-row a[target="_blank"]');
    await opened; // a tab, which a headless shell closes again: it has no viewer
    await page.bringToFront();
    await pressAt(page, '.export-row a[download]');
    assert.ok((await waitForDownload(visitor)).bytes.length > 0);

    const person = await site.paperlift.signIn(alice);
    await person.agent
      .delete(`/api/v1/projects/${projectId}/pages/${pageIds[1]}`)
      .set('x-csrf-token', person.csrfToken)
      .expect(204);
    await page.goto(`${site.url}${path}/exports`);
    await tabTo(page, '[id^="again-"]');
    const again = await page.evaluate(() => `#${document.activeElement?.id}`);
    await followAt(page, again);
    await waitForFocus(page, again);
    await waitForTexts(page, '.export-row', (rows) => rows.length === 7);

    await followAt(page, '.crumbs a:last-of-type', { isBackwards: true });
    await pressAt(page, '.actions details summary');
    await followAt(page, 'button[value="txt"]');
    await waitForFocus(page, '#exports :is(a, button)');
    await followAt(page, '#exports a[href$="/exports"]');
    assert.equal(await textOf(page, 'h1'), 'Exports');
  });
}

export async function goesThroughTheList(site: Site) {
  for (let number = 1; number <= 21; number += 1)
    await addPile(site.paperlift, 'bob@example.com', { name: `Box ${number}`, count: 0 });
  await site.visit({}, async ({ page }) => {
    await enter(page, 'bob@example.com', site.url);
    await tabTo(page, '#q');
    await page.keyboard.type('x 21');
    await waitForTexts(page, '.row-link', (names) => names.join() === 'Box 21');
    await page.keyboard.press('Escape');
    await waitForTexts(page, '.row-link', (names) => names.length === 20);
    await pressAt(page, '#sort summary');
    await followAt(page, '#sort a[href*="sort=name"]');
    assert.equal((await textsOf(page, '.row-link'))[1], 'Box 10');
    await followAt(page, '.more a[rel="next"]');
    await followAt(page, '.more a');
    await pressAt(page, '.head details summary');
    await tabTo(page, '#new-name');
    await page.keyboard.type('W'.repeat(201));
    await followAt(page, 'form[action="/projects"] button');
    await waitForFocus(page, '#new-name');
  });
}
