// The list of projects: found by name, sorted, and gone through, with and without script.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { addPile } from '../support/piles.ts';
import { findBarriers } from './axe.ts';
import { follow, openSite, type Site, signIn, textOf, textsOf, waitForTexts } from './site.ts';

describe('the list of projects', () => {
  let site: Site;
  before(async () => {
    site = await openSite({});
    for (let number = 1; number <= 22; number += 1)
      await addPile(site.paperlift, 'alice@example.com', { name: `Box ${number}`, count: 0 });
    await addPile(site.paperlift, 'alice@example.com', { name: 'Contratos São Paulo', count: 3 });
    await addPile(site.paperlift, 'bob@example.com', { name: 'Sao Bento', count: 1 });
  });
  after(() => site?.stop());

  it('finds by name as one types, marks what was found, and says when there is nothing', async () => {
    await site.visit({}, async ({ page }) => {
      await signIn(page, 'alice@example.com', site.url);
      assert.equal((await page.$$('.row')).length, 20);
      await page.focus('#q');
      await page.keyboard.type('SAO');
      await waitForTexts(page, '.row-link', (names) => names.join() === 'Contratos São Paulo');
      assert.equal(await textOf(page, 'mark'), 'São');
      assert.equal(await textOf(page, '#found'), '1 project');
      assert.match(await textOf(page, '.row'), /3 pages\s+ready/);
      assert.equal(await page.evaluate(() => document.activeElement?.id), 'q', 'and typing goes on');
      assert.deepEqual(await findBarriers(page), [], 'found');
      await page.keyboard.type(' x<b>');
      await waitForTexts(page, '#list', ([text = '']) =>
        text.includes('No project names contain “SAO x<b>”'),
      );
      assert.equal(await textOf(page, '#list h2'), 'No project names contain “SAO x<b>”');
      assert.deepEqual(await findBarriers(page), [], 'nothing found');
      await follow(page, () => page.click('#list .empty a'));
      assert.equal((await page.$$('.row')).length, 20);
    });
  });

  it('is sorted and gone through by keys, and shows administrators everybody’s', async () => {
    await site.visit({}, async ({ page }) => {
      await signIn(page, 'carol@example.com', `${site.url}/?scope=all`);
      await page.focus('#sort summary');
      await page.keyboard.press('Enter');
      assert.deepEqual(await findBarriers(page), [], 'with the menu open');
      await page.keyboard.press('Tab');
      await page.keyboard.press('Tab');
      await follow(page, () => page.keyboard.press('Enter'));
      assert.match(page.url(), /sort=name/);
      const first = await textsOf(page, '.row-link');
      assert.deepEqual(first.slice(0, 3), ['Box 1', 'Box 10', 'Box 11']);
      await page.focus('.more a[rel="next"]');
      await follow(page, () => page.keyboard.press('Enter'));
      assert.deepEqual(await textsOf(page, '.row-link'), [
        'Box 8',
        'Box 9',
        'Contratos São Paulo',
        'Sao Bento',
      ]);
      assert.match(await textOf(page, '.row:last-child'), /bob@example.com/);
    });
  });

  it('works by its form without script', async () => {
    await site.visit({ script: false }, async ({ page }) => {
      await page.goto(`${site.url}/?sort=newest`);
      await follow(page, () => page.click('button[value="alice@example.com"]'));
      await follow(page, () => page.click('button.primary'));
      await page.type('#q', 'box 2');
      await follow(page, () => page.click('.find-go'));
      assert.deepEqual(await textsOf(page, '.row-link'), ['Box 22', 'Box 21', 'Box 20', 'Box 12', 'Box 2']);
    });
  });
});
