// What people do on the site, as the tests say it.
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { ElementHandle, HTTPRequest, Page } from 'puppeteer-core';
import { openBrowser, type VisitOptions, type Visitor } from '../support/browser.ts';
import { signIn as signInOverHttp, startPaperlift } from '../support/paperlift.ts';
import { waitFor } from '../support/wait.ts';

/** The whole product with a browser before it. */
export async function openSite(
  { camera = false, ...options }: Parameters<typeof startPaperlift>[0] & { camera?: boolean } = {
    worker: true,
  },
) {
  const paperlift = await startPaperlift(options);
  const browser = await openBrowser({
    origins: [
      paperlift.url,
      new URL(paperlift.config.saml.providers[0]?.entryPoint ?? '').origin,
      ...(paperlift.config.direct.aboveBytes === undefined ? [] : [paperlift.config.direct.bucketOrigin]),
    ],
    camera,
  });
  const files = await mkdtemp(path.join(tmpdir(), 'paperlift-files-'));
  return {
    paperlift,
    url: paperlift.url,
    visit: <T>(options: VisitOptions, stay: (visitor: Visitor) => Promise<T>) => browser.visit(options, stay),
    /** Puts a file where the browser can choose it. */
    async file(name: string, content: Buffer | string): Promise<string> {
      const file = path.join(files, name);
      await writeFile(file, content);
      return file;
    },
    async stop() {
      await browser.stop();
      await paperlift.stop();
      await rm(files, { recursive: true, force: true });
    },
  };
}

export type Site = Awaited<ReturnType<typeof openSite>>;

/** Signs in on the identity provider's page, which the browser is on or is sent to from `address`. */
export async function signInAtProvider(page: Page, email: string, address?: string) {
  if (address) await page.goto(address);
  await page.click(`button[name="person"][value="${email}"]`);
  await waitUntilHere(page);
}

/** Opens the address signed in. A browser takes twice as long to go by the identity provider's page. */
export async function signIn(page: Page, email: string, address: string) {
  const { origin, hostname: domain } = new URL(address);
  const { answer } = await signInOverHttp(origin, email);
  const set = answer.headers['set-cookie'] as unknown as string[];
  const cookies = set.map((line) => /^([^=]+)=([^;]*)/.exec(line) ?? []);
  await page
    .browserContext()
    .setCookie(...cookies.map(([, name = '', value = '']) => ({ name, value, domain, httpOnly: true })));
  await page.goto(address);
  await waitUntilHere(page);
}

/** Signed in, with the page's script listening: what is pressed before would be lost. */
export async function waitUntilHere(page: Page) {
  await page.waitForSelector('a.logo');
  await page.waitForFunction(() => document.readyState === 'complete');
}

/** Does something, and waits for the page that comes of it. */
export async function follow(page: Page, act: () => Promise<unknown>) {
  const [response] = await Promise.all([page.waitForNavigation(), act()]);
  return response;
}

/** Creates a project from the list, and ends on its page. Returns the page's address. */
export async function createProject(page: Page, name: string): Promise<string> {
  if (!(await isSeen(page, '#new-name'))) await page.click('.head details.menu summary');
  await type(page, '#new-name', name);
  await follow(page, () => page.click('form[action="/projects"] button'));
  return page.url();
}

/** Writes into a field in place of what is there. */
export async function type(page: Page, field: string, text: string) {
  await page.$eval(field, (input) => {
    (input as HTMLInputElement).value = '';
  });
  await page.focus(field);
  await page.keyboard.sendCharacter(text);
}

/** Lets a held request go on. One that comes while interception is switched off is let go by the browser itself. */
export function letPass(request: HTTPRequest) {
  request.continue().catch(() => {});
}

/** Keeps the first request that is meant from the server until it is let go. */
export async function holdRequest(page: Page, isMeant: (request: HTTPRequest) => boolean) {
  const held = Promise.withResolvers<HTTPRequest>();
  let isHolding = false;
  const onRequest = (request: HTTPRequest) => {
    if (isHolding || !isMeant(request)) return letPass(request);
    isHolding = true;
    held.resolve(request);
  };
  await page.setRequestInterception(true);
  page.on('request', onRequest);
  return {
    reached: held.promise,
    /** Resolves when the page has had the answer, and time to do something with it. */
    async release() {
      const request = await held.promise;
      const answered = page.waitForResponse((response) => response.request() === request);
      await request.continue();
      await (await answered).text();
      await page.evaluate(() => new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve))));
      await page.setRequestInterception(false);
      page.off('request', onRequest);
    },
  };
}

export async function chooseFiles(page: Page, paths: string[]) {
  const input = (await page.waitForSelector('#files')) as ElementHandle<HTMLInputElement>;
  await input.uploadFile(...paths);
}

export async function isSeen(page: Page, selector: string): Promise<boolean> {
  return page.$$eval(selector, (elements) => elements.some((element) => element.checkVisibility()));
}

/** The texts of all elements that match, as they are seen. */
export function textsOf(page: Page, selector: string): Promise<string[]> {
  return page.$$eval(selector, (elements) =>
    elements.map((element) => ((element as HTMLElement).innerText ?? element.textContent ?? '').trim()),
  );
}

/** The same as one text. */
export async function textOf(page: Page, selector: string): Promise<string> {
  return (await textsOf(page, selector)).join('\n');
}

/** Waits until the pages' words for their states are these, in their order. Nothing is loaded anew. */
export async function waitForPages(page: Page, wanted: (pills: string[]) => boolean): Promise<string[]> {
  return waitForTexts(page, '.page-head .pill', wanted);
}

export async function waitForTexts(
  page: Page,
  selector: string,
  wanted: (texts: string[]) => boolean,
  timeoutMs = 90_000,
): Promise<string[]> {
  let seen: string[] = [];
  try {
    return await waitFor(
      selector,
      async () => {
        seen = await textsOf(page, selector);
        return wanted(seen) ? seen : undefined;
      },
      timeoutMs,
    );
  } catch (error) {
    throw new Error(`${selector} stayed ${JSON.stringify(seen)}`, { cause: error });
  }
}

export const isReady = (pill: string) => pill === 'ready' || /^\d+ to check$/.test(pill);

/** What the browser saved, once it is whole. */
export async function waitForDownload({ downloads }: Visitor, number = 1) {
  const names = await waitFor('the download', async () => {
    const all = await readdir(downloads);
    return all.length >= number && all.every((name) => !/\.crdownload$|^\./.test(name)) ? all : undefined;
  });
  const name = names.at(-1) as string;
  return { name, bytes: await readFile(path.join(downloads, name)), path: path.join(downloads, name) };
}

/** Whether the page is wider than its window, so that it has to be pushed sideways to be read. */
export async function isTooWide(page: Page): Promise<boolean> {
  // menus move into a resized window with its next frame
  if (page.isJavaScriptEnabled())
    await page.evaluate(
      () => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))),
    );
  return page.evaluate(() => document.documentElement.scrollWidth > document.documentElement.clientWidth);
}
