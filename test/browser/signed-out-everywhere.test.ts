// Somebody is signed in at two places; what is done at one is seen at the other.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { findBarriers } from './axe.ts';
import {
  createProject,
  follow,
  isTooWide,
  openSite,
  type Site,
  signIn,
  signInAtProvider,
  textOf,
  textsOf,
} from './site.ts';

describe('signed out everywhere, in browsers', () => {
  let site: Site;

  before(async () => {
    site = await openSite({});
  });
  after(() => site?.stop());

  it('leads the next click in another browser to the sign-in page, and from there to what was clicked', async () => {
    await site.visit({}, async ({ page }) => {
      await signIn(page, 'alice@example.com', site.url);
      const address = await createProject(page, 'Receipts of May');
      await page.goto(site.url);

      await site.visit({}, async ({ page: elsewhere }) => {
        await signIn(elsewhere, 'alice@example.com', site.url);
        await elsewhere.click('.person-menu summary');
        await follow(elsewhere, () => elsewhere.click('.person-menu a[href="/account"]'));
        assert.equal(await textOf(elsewhere, 'h1'), 'Your account');
        assert.equal((await textsOf(elsewhere, '.session-row')).length, 2);
        assert.deepEqual(await textsOf(elsewhere, '.session-row .pill'), ['this device']);
        assert.deepEqual(await findBarriers(elsewhere), []);
        await follow(elsewhere, () => elsewhere.click('form[action="/auth/logout-everywhere"] button'));
        assert.equal(new URL(elsewhere.url()).pathname, '/auth/signed-out');
        assert.match(await textOf(elsewhere, 'h1'), /signed out/i);
      });

      await Promise.all([page.waitForSelector('button[name="person"]'), page.click('a.row-link')]);
      assert.equal(
        new URL(page.url()).origin,
        new URL(site.paperlift.standIns.env.SAML_ENTRY_POINT as string).origin,
      );
      await signInAtProvider(page, 'alice@example.com');
      assert.equal(page.url(), address);
      assert.match(await textOf(page, 'h1'), /Receipts of May/);
    });
  });

  it('is what an administrator does to somebody, from a list without barriers', async () => {
    const alice = await site.paperlift.signIn('alice@example.com');
    await site.visit({}, async ({ page }) => {
      await signIn(page, 'carol@example.com', `${site.url}/admin/people`);
      assert.deepEqual(await findBarriers(page), []);
      await page.type('#mail', 'alice');
      await follow(page, () => page.keyboard.press('Enter'));
      assert.equal((await textsOf(page, 'tbody tr')).length, 1);
      await follow(page, () => page.click('form[action$="/logout-everywhere"] button'));
      assert.equal(new URL(page.url()).pathname, '/admin/people');
    });
    assert.equal((await alice.agent.get('/')).status, 303);
  });

  it('ends one session from the list, on a narrow screen and without script', async () => {
    await site.visit({ script: false, width: 360 }, async ({ page }) => {
      const lasting = await site.paperlift.signIn('bob@example.com');
      await page.goto(site.url);
      await follow(page, () => page.click('button[name="person"][value="bob@example.com"]'));
      await follow(page, () => page.click('button.primary'));
      await page.goto(`${site.url}/account`);
      assert.equal(await isTooWide(page), false);
      assert.equal((await textsOf(page, '.session-row')).length, 2);
      await follow(page, () => page.click('.session-row:nth-of-type(2) button'));
      assert.equal((await textsOf(page, '.session-row')).length, 1);
      assert.deepEqual(await textsOf(page, '.session-row .pill'), ['this device']);
      assert.equal((await lasting.agent.get('/')).status, 303);
    });
  });
});
