// Accounts, administration, audit and the ways in and out, without a pointer.
import assert from 'node:assert/strict';
import { addPage, addProject } from '../search/stage.ts';
import { textJpeg } from '../support/images.ts';
import { localPersonId } from '../support/local-people.ts';
import { enter, followAt, pressAt, pressWith, tabTo, waitForFocus } from './keys.ts';
import { follow, type Site, textOf, textsOf, waitForDownload } from './site.ts';

const [alice, bob, carol] = ['alice@example.com', 'bob@example.com', 'carol@example.com'];

export async function endsSessions(site: Site) {
  await site.paperlift.signIn(bob);
  await site.visit({}, async ({ page }) => {
    await enter(page, bob, site.url);
    await pressAt(page, '.person-menu summary');
    await followAt(page, 'a[href="/account"]');
    const rows = (await textsOf(page, '.session-row')).length;
    await followAt(page, '.session-row:not(:has(.pill)) button');
    assert.equal((await textsOf(page, '.session-row')).length, rows - 1);
    await waitForFocus(page, 'main button');
    await followAt(page, '#end-all');
    assert.match(await textOf(page, 'main'), /You’re signed out/);
    await followAt(page, 'a[href="/auth/login"]');
    assert.ok(await page.$(`button[value="${bob}"]`));
  });
}

export async function findsTheWayOut(site: Site) {
  await site.visit({}, async ({ page }) => {
    await page.goto(site.url);
    await followAt(page, 'button[value="dave@example.com"]');
    await page.waitForSelector('a[href="/auth/login"]');
    await followAt(page, 'a[href="/auth/login"]');
    await pressAt(page, `button[value="${bob}"]`);
    await page.waitForSelector('.person-menu');
    await page.goto(`${site.url}/nowhere`);
    await followAt(page, 'main a[href="/"]');
    assert.equal(await textOf(page, 'h1'), 'Projects');
  });
}

export async function administersPeople(site: Site) {
  await site.paperlift.signIn(alice);
  const id = localPersonId(site.paperlift, alice);
  await site.visit({}, async ({ page }) => {
    await enter(page, carol, site.url);
    await pressAt(page, '.person-menu summary');
    await followAt(page, '.menu-list a[href="/admin"]');
    await followAt(page, '.actions a[href="/admin/people"]');
    await tabTo(page, '#mail');
    await page.keyboard.type('alice');
    await follow(page, () => page.keyboard.press('Enter'));
    for (const label of ['Restore access', 'Block access']) {
      await followAt(page, `#access-${id}`);
      await waitForFocus(page, `#access-${id}`);
      assert.equal(await textOf(page, `#access-${id}`), label);
    }
    await followAt(page, `#sign-out-${id}`, { isBackwards: true });
    await waitForFocus(page, `#sign-out-${id}`);
  });
}

export async function managesServiceAccounts(site: Site) {
  await site.visit({}, async ({ page }) => {
    await enter(page, carol, `${site.url}/admin`);
    await followAt(page, '.actions a[href="/admin/service-accounts"]');
    await tabTo(page, '#account-name');
    await page.keyboard.type('Keys only');
    await tabTo(page, 'input[value="projects.take-part"]');
    await page.keyboard.press('Space');
    await followAt(page, '.account-form .button');
    await pressAt(page, '[data-copy="client-secret"]');
    await page.waitForFunction(() => document.querySelector('#announcer')?.textContent === 'Copied');
    await pressAt(page, '.revoke summary');
    await followAt(page, '.revoke .danger');
    assert.match(await textOf(page, '.banner'), /Keys only revoked/);
  });
}

export async function connectsTheDirectory(site: Site) {
  await site.visit({}, async ({ page }) => {
    await enter(page, carol, `${site.url}/admin`);
    await followAt(page, '.actions a[href="/admin/directory"]');
    await followAt(page, '#create-token');
    await pressAt(page, '[data-copy="token"]');
    await page.waitForFunction(() => document.querySelector('#announcer')?.textContent === 'Copied');
    await pressAt(page, '.revoke:last-of-type summary');
    await followAt(page, '#revoke-token');
    assert.match(await textOf(page, '.banner'), /Token revoked/);
  });
}

export async function asksTheSignInDoctor(site: Site) {
  await site.visit({}, async ({ page }) => {
    await enter(page, carol, `${site.url}/admin/access`);
    await pressAt(page, '.sign-ins details summary');
    assert.equal(await page.$eval('.sign-ins details', (details) => details.open), true);
    await pressAt(page, 'a[href="#explain"]', { isBackwards: true });
    await tabTo(page, '#pasted');
    await page.keyboard.type('CN=Nobody,DC=example,DC=com');
    await page.keyboard.press('Tab');
    await follow(page, () => page.keyboard.press('Enter'));
    assert.match(await textOf(page, '.explanation'), /This would be refused/);
    await waitForFocus(page, '#pasted');
  });
}

export async function readsTrails(site: Site) {
  const data = await textJpeg(['Harbour Hotel'], { width: 900, height: 600 });
  const projectId = await addProject(site.paperlift, alice, 'Looked at');
  await addPage(site.paperlift, projectId, ['Harbour Hotel'], { data, width: 900, height: 600 });
  await site.visit({}, async (visitor) => {
    const { page } = visitor;
    await enter(page, 'erin@example.com', `${site.url}/?scope=all&q=looked`);
    await followAt(page, '.row-link');
    await followAt(page, '.actions a[href^="/admin/audit"]');
    await followAt(page, '.actions a:first-child'); // check it
    assert.match(await textOf(page, '.banner'), /^Intact/);
    await pressAt(page, '.actions a:last-child');
    assert.match((await waitForDownload(visitor)).name, /\.csv$/);
    await followAt(page, '.crumbs a', { isBackwards: true });
    await followAt(page, '.switch a:not([aria-current])');
    await followAt(page, '.trails a');
    assert.ok(await page.$('.trail'));
    await page.keyboard.press('/');
    await page.keyboard.type('hotel');
    await follow(page, () => page.keyboard.press('Enter'));
    await followAt(page, '.switch a:not([aria-current])');
    await followAt(page, '.found-line');
    assert.ok(await page.$('.word.found'));
    await pressWith(page, 'Shift', 'Tab');
  });
}
