// What administrators and auditors look at, as their browsers have it.
import assert from 'node:assert/strict';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { findBarriers } from './axe.ts';
import { createProject, follow, openSite, type Site, signIn, textOf } from './site.ts';

const markup = '<script>document.title = "taken"</script><img src=x onerror="document.title = \'taken\'">';

describe('pages for administrators and auditors', () => {
  let site: Site;
  let projectId = '';

  before(async () => {
    site = await openSite({});
    await site.visit({}, async ({ page }) => {
      await signIn(page, 'alice@example.com', site.url);
      projectId = path.basename(await createProject(page, `Receipts ${markup}`));
    });
    const { signInLog } = site.paperlift.services;
    const nothing = { attributes: {}, mapped: [], dropped: [], requestId: 'R', ip: '127.0.0.1' };
    await signInLog.record({
      ...nothing,
      providerId: 'default',
      outcome: 'refused',
      reason: 'audience-wrong',
      detail: 'https://old.example.com',
    });
    await signInLog.record({
      ...nothing,
      providerId: markup,
      outcome: 'refused',
      reason: markup,
      detail: markup,
      name: markup,
      email: markup,
      attributes: { [markup]: [markup], groups: [markup] },
      mapped: [{ from: markup, to: markup }],
      dropped: [markup],
      requestId: markup,
      ip: markup,
    });
    const dropped = Array.from({ length: 40 }, (_, index) => `CN=Team ${index},OU=Groups,DC=example,DC=com`);
    await signInLog.record({
      ...nothing,
      providerId: 'default',
      outcome: 'refused',
      reason: 'no-group',
      email: 'dave@example.com',
      name: 'Dave',
      attributes: { email: ['dave@example.com'], groups: dropped },
      dropped,
    });
  });
  after(() => site?.stop());

  it('makes a rule and shows what it did, without barriers, on a phone too', async () => {
    await site.visit({}, async ({ page }) => {
      await signIn(page, 'carol@example.com', `${site.url}/admin/rules`);
      assert.deepEqual(await findBarriers(page), []);
      await follow(page, () => page.click('a[href="/admin/rules/new?to=none"]'));
      await page.type('#rule-name', markup.slice(0, 80));
      assert.deepEqual(await findBarriers(page), []);
      await follow(page, () => page.click('form[action="/admin/rules"] button.primary'));
      assert.match(await textOf(page, 'h1'), /<script>/);
      assert.deepEqual(await findBarriers(page), []);
      for (const to of ['s3', 'sftp', 'webdav', 'sharepoint']) {
        await page.goto(`${site.url}/admin/rules/new?to=${to}`);
        assert.deepEqual(await findBarriers(page), [], to);
      }
    });
  });

  it('shows the sign-ins without barriers, and nothing that was sent runs', async () => {
    await site.visit({}, async ({ page }) => {
      await signIn(page, 'carol@example.com', `${site.url}/admin/access`);
      assert.equal(await page.title(), 'Sign-in diagnostics · Paperlift');
      const rows = await page.$$eval('tbody tr', (all) => all.map((row) => row.textContent ?? ''));
      assert.ok(rows.some((row) => row.includes(markup)));
      assert.ok(
        rows.some((row) => row.includes('wrong audience') && row.includes('https://old.example.com')),
      );
      await page.$$eval('details', (all) => {
        for (const each of all) each.open = !each.classList.contains('menu');
      });
      assert.deepEqual(await findBarriers(page), []);
    });
  });

  it('explains a list of groups by keyboard alone, and signs nobody in', async () => {
    await site.visit({}, async ({ page }) => {
      await signIn(page, 'carol@example.com', `${site.url}/admin/access`);
      await page.focus('#pasted');
      await page.keyboard.type(`CN=Nobody,DC=example,DC=com\n${markup}`);
      await page.keyboard.press('Tab');
      await follow(page, () => page.keyboard.press('Enter'));
      assert.match(await textOf(page, '.explanation'), /no matching group This would be refused/);
      assert.equal(
        await page.$eval('#pasted', (field) => (field as HTMLTextAreaElement).value),
        `CN=Nobody,DC=example,DC=com\n${markup}`,
      );
      assert.deepEqual(await findBarriers(page), []);
    });
  });

  it('creates a service account, hands its secret over once, and revokes it, without barriers', async () => {
    await site.visit({}, async ({ page }) => {
      await signIn(page, 'carol@example.com', `${site.url}/admin`);
      await follow(page, () => page.click('.actions a[href="/admin/service-accounts"]'));
      assert.deepEqual(await findBarriers(page), []);
      await page.type('#account-name', markup.slice(0, 60));
      await follow(page, () => page.click('.account-form .button'));
      assert.match(await textOf(page, '#scopes-error'), /Select at least one scope/);
      assert.deepEqual(await findBarriers(page), []);
      await page.click('input[value="projects.create"]');
      await follow(page, () => page.click('.account-form .button'));
      const secret = await textOf(page, '#client-secret');
      assert.match(secret, /^\w{20,}$/);
      assert.deepEqual(await findBarriers(page), []);
      await page.click('[data-copy="client-secret"]');
      await page.waitForFunction(() => document.querySelector('#announcer')?.textContent === 'Copied');
      assert.equal(await page.evaluate(() => navigator.clipboard.readText()), secret);
      await follow(page, () => page.goto(`${site.url}/admin/service-accounts`));
      assert.equal(await page.$('#client-secret'), null);
      await page.click('.revoke summary');
      assert.deepEqual(await findBarriers(page), []);
      await follow(page, () => page.click('.revoke .danger'));
      assert.match(await textOf(page, '.banner'), /^Service account <script>.* revoked\.$/);
      assert.deepEqual(await findBarriers(page), []);
    });
  });

  it('connects the directory by a token that is shown once, and disconnects it, without barriers', async () => {
    await site.visit({}, async ({ page }) => {
      await signIn(page, 'carol@example.com', `${site.url}/admin`);
      await follow(page, () => page.click('.actions a[href="/admin/directory"]'));
      assert.deepEqual(await findBarriers(page), []);
      await follow(page, () => page.click('#create-token'));
      const token = await textOf(page, '#token');
      assert.match(token, /^paperlift-directory\.default\.[\w-]{43}$/);
      const answer = await fetch(`${site.url}/scim/v2/Groups`, {
        method: 'POST',
        headers: { authorization: `Bearer ${token}`, 'content-type': 'application/scim+json' },
        body: JSON.stringify({ displayName: markup }),
      });
      assert.equal(answer.status, 201);
      await page.goto(`${site.url}/admin/directory`);
      assert.equal(await page.$('#token'), null);
      assert.match(await textOf(page, 'tbody'), /<script>/);
      await page.$$eval('.revoke', (all) => {
        for (const each of all) (each as HTMLDetailsElement).open = true;
      });
      assert.deepEqual(await findBarriers(page), []);
      await follow(page, () => page.click('#revoke-token'));
      assert.match(await textOf(page, '.banner'), /Token revoked/);
    });
  });

  it('shows a project’s trail, checks it, and hands it out, without barriers', async () => {
    await site.visit({}, async ({ page }) => {
      await signIn(page, 'erin@example.com', `${site.url}/projects/${projectId}`);
      await follow(page, () => page.click('.head .actions a'));
      assert.match(await textOf(page, 'tbody'), /Erin.*viewed the project.*Alice.*created the project/s);
      await follow(page, () => page.click('.head .actions a'));
      assert.match(await textOf(page, '.banner'), /^Intact\. All 2 entries/);
      assert.deepEqual(await findBarriers(page), []);
      await page.goto(`${site.url}/admin/audit`);
      assert.deepEqual(await findBarriers(page), []);
    });
  });
});
