// What people do who have no pointer.
import assert from 'node:assert/strict';
import type { Page } from 'puppeteer-core';
import { waitFor } from '../support/wait.ts';
import { follow, waitUntilHere } from './site.ts';

interface Way {
  /** What shows that the element has the focus, where it is not the element itself. */
  shownBy?: string;
  isBackwards?: boolean;
}

/** Presses Tab, or Shift and Tab, until the element has the focus, and is seen to have it. */
export async function tabTo(page: Page, selector: string, { shownBy, isBackwards = false }: Way = {}) {
  for (let presses = 0; presses < 120; presses += 1) {
    if (await isFocused(page, selector)) {
      if (await isShown(page, shownBy ?? selector)) return;
      // a dialog that is just opening may have taken the focus away again
      assert.ok(!(await isFocused(page, selector)), `${selector} shows that it has the focus`);
    }
    if (isBackwards) await page.keyboard.down('Shift');
    await page.keyboard.press('Tab');
    if (isBackwards) await page.keyboard.up('Shift');
  }
  assert.fail(`Tab does not lead to ${selector}, but to ${await describeFocus(page)}`);
}

/** Waits until the focus is there without anything being pressed, and is seen to be. */
export async function waitForFocus(page: Page, selector: string, shownBy = selector) {
  const isThere = async () => (await isFocused(page, selector)) || undefined;
  await waitFor(`the focus on ${selector}`, isThere).catch(async (error: Error) => {
    error.message += `; it is on ${await describeFocus(page)}`;
    throw error;
  });
  assert.ok(await isShown(page, shownBy), `${shownBy} shows that it has the focus`);
}

type Cookies = Awaited<ReturnType<ReturnType<Page['browserContext']>['cookies']>>;
const sessions = new Map<string, Cookies>();

/** Opens the address as this person, who signs in on the identity provider's page unless that was done before. */
export async function enter(page: Page, email: string, address: string) {
  const key = `${email} ${new URL(address).origin}`;
  await page.browserContext().setCookie(...(sessions.get(key) ?? []));
  await page.goto(address);
  if (await page.$('a.logo')) return;
  await pressAt(page, `button[value="${email}"]`);
  await waitUntilHere(page);
  sessions.set(key, await page.browserContext().cookies());
}

/** Goes there by Tab, and presses Enter. */
export async function pressAt(page: Page, selector: string, way: Way = {}) {
  await tabTo(page, selector, way);
  await page.keyboard.press('Enter');
}

/** The same, where that leads to another page. */
export async function followAt(page: Page, selector: string, way: Way = {}) {
  await tabTo(page, selector, way);
  return follow(page, () => page.keyboard.press('Enter'));
}

/** Presses the button that has the focus, and chooses files in what the system opens. */
export async function chooseByKeys(page: Page, paths: string[]) {
  const opening = page.waitForFileChooser();
  await page.evaluate(() => 0); // from then on the browser hands choosers over
  await page.keyboard.press('Enter');
  await (await opening).accept(paths);
}

/** `Control`, `Shift` and another key at once. */
export async function pressWith(
  page: Page,
  held: 'Control' | 'Shift',
  key: Parameters<Page['keyboard']['press']>[0],
) {
  await page.keyboard.down(held);
  await page.keyboard.press(key);
  await page.keyboard.up(held);
}

function isFocused(page: Page, selector: string) {
  return page.evaluate((wanted) => document.activeElement?.matches(wanted) ?? false, selector);
}

function describeFocus(page: Page) {
  return page.evaluate(() => document.activeElement?.outerHTML.slice(0, 200));
}

/** Of several that match, one is enough: the one that has the focus, or holds it. */
function isShown(page: Page, selector: string) {
  return page.$$eval(selector, (elements) =>
    elements.some((element) =>
      ['', '::after'].some((part) => getComputedStyle(element, part).outlineStyle !== 'none'),
    ),
  );
}
