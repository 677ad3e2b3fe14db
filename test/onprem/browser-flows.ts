// What people do in a browser, at Keycloak's pages and at Paperlift's.
import assert from 'node:assert/strict';
import type { Page } from 'puppeteer-core';
import { follow, waitUntilHere } from '../browser/site.ts';
import { openBrowser } from '../support/browser.ts';
import { passwordOfEveryone } from './keycloak.ts';
import type { Surroundings } from './part.ts';

/** A browser on the company's network, which trusts the proxy's certificate. */
export function openCompanyBrowser({ addresses, proxyKey }: Surroundings) {
  return openBrowser({ origins: Object.values(addresses), trustedKey: proxyKey });
}

/** Opens an address of Paperlift's, fills in Keycloak's page, and ends on that address. */
export async function signInByBrowser(page: Page, address: string, email: string): Promise<void> {
  await page.goto(address);
  await page.waitForSelector('#kc-form-login');
  await page.type('#username', email);
  await page.type('#password', passwordOfEveryone);
  await page.click('#kc-login');
  await page.waitForFunction((origin) => location.origin === origin, {}, new URL(address).origin);
  await waitUntilHere(page);
}

/** By the menu of a page. */
export async function signOutByMenu(page: Page): Promise<void> {
  await page.click('details.person-menu summary');
  await follow(page, () => page.click('form[action="/auth/logout"] button'));
  await page.waitForFunction(() => location.pathname === '/auth/signed-out');
}

/** Whether the session at Paperlift and that at Keycloak have ended: Keycloak asks for the password again. */
export async function assertAsksForPassword(page: Page, address: string): Promise<void> {
  await page.goto(address);
  const url = new URL(page.url());
  assert.match(url.pathname, /^\/realms\/paperlift\//, `ended on ${url.href}`);
  await page.waitForSelector('#password');
}
