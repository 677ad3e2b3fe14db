// Browsers as people use them: headless Chromium, each visitor with cookies of their own. Anything that a browser only
// reports to developers (an error, a violation of the content security policy, a request elsewhere) fails the test.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import puppeteer, { type HTTPRequest, type Page } from 'puppeteer-core';
import { findChromium, findInstalledChromium } from '../../src/exports/pdf/chromium.ts';

interface BrowserOptions {
  /** The only places that pages may load from or send to. */
  origins: string[];
  /** Whether there is a camera: Chromium's generated video. */
  camera?: boolean;
  /** The hash of a TLS key to trust, beside those of public authorities. */
  trustedKey?: string;
  /** Whether an installed browser is taken before the packaged one, which has no PDF viewer. */
  installed?: boolean;
}

export interface VisitOptions {
  /** Whether pages may run script. */
  script?: boolean;
  width?: number;
  height?: number;
  dark?: boolean;
  /** Device pixels a CSS pixel. */
  scale?: number;
  /** Problems that the test provokes on purpose. */
  expected?: RegExp;
}

export interface Visitor {
  page: Page;
  /** Where downloads land. */
  downloads: string;
}

export async function openBrowser(options: BrowserOptions) {
  const { origins, camera = false, trustedKey, installed = false } = options;
  const hosts = ['localhost', '127.0.0.1', ...origins.map((origin) => new URL(origin).hostname)];
  const configured = process.env.CHROMIUM_PATH;
  const program =
    (installed && !configured && (await findInstalledChromium())) ||
    (await findChromium({ path: configured }));
  const directory = await mkdtemp(path.join(tmpdir(), 'paperlift-visitor-'));
  const browser = await puppeteer.launch({
    executablePath: program.path,
    userDataDir: path.join(directory, 'profile'),
    pipe: true,
    args: [
      // It opens our own pages only; root and most containers have no sandbox to give it.
      '--no-sandbox',
      ...(camera ? ['--use-fake-device-for-media-stream', '--use-fake-ui-for-media-stream'] : []),
      '--disable-gpu',
      '--disable-dev-shm-usage',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      '--disable-domain-reliability',
      '--no-pings',
      `--host-resolver-rules=MAP * ~NOTFOUND, ${hosts.map((host) => `EXCLUDE ${host}`).join(', ')}`,
      ...(trustedKey ? [`--ignore-certificate-errors-spki-list=${trustedKey}`] : []),
      '--font-render-hinting=none',
      // a machine with a mouse, which headless ones lack
      '--blink-settings=primaryHoverType=2,availableHoverTypes=2,primaryPointerType=4,availablePointerTypes=4',
    ],
    env: { PATH: '/usr/bin:/bin', HOME: directory, LANG: 'C.UTF-8', TZ: 'UTC', ...program.env },
  });

  /** Opens a window for a new visitor, and closes it again. Throws when anything unexpected went wrong in it. */
  async function visit<T>(options: VisitOptions, stay: (visitor: Visitor) => Promise<T>): Promise<T> {
    const downloads = await mkdtemp(path.join(directory, 'downloads-'));
    const context = await browser.createBrowserContext({
      downloadBehavior: { policy: 'allow', downloadPath: downloads },
    });
    await context.overridePermissions(origins[0] as string, ['clipboard-read', 'clipboard-write']);
    const page = await context.newPage();
    page.setDefaultTimeout(90_000); // as `waitFor`
    page.click = clickOn(page);
    const problems = watch(page, origins);
    const unexpected = () => problems.filter((problem) => !options.expected?.test(problem));
    try {
      await page.setViewport({
        width: options.width ?? 1280,
        height: options.height ?? 900,
        deviceScaleFactor: options.scale ?? 1,
      });
      await setDark(page, options.dark ?? false);
      await page.setJavaScriptEnabled(options.script ?? true);
      const result = await stay({ page, downloads });
      if (unexpected().length > 0) throw new Error('Unexpected problems in the browser');
      return result;
    } catch (error) {
      if (error instanceof Error && unexpected().length > 0)
        error.message += `\n  ${unexpected().join('\n  ')}`;
      throw error;
    } finally {
      await context.close();
    }
  }

  return {
    visit,
    async stop() {
      await browser.close();
      await rm(directory, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
    },
  };
}

export type TestBrowser = Awaited<ReturnType<typeof openBrowser>>;

/** Clicks as people do: also on what the page has just put in the place of what was found. */
function clickOn(page: Page): Page['click'] {
  const click = page.click.bind(page);
  return async (selector, options) => {
    for (;;) {
      try {
        return await click(selector, options);
      } catch (error) {
        if (!String(error).includes('Node is detached from document')) throw error;
      }
    }
  };
}

/** Sets the colour scheme, and turns animations off so that screens are comparable. */
export async function setDark(page: Page, dark: boolean) {
  await page.emulateMediaFeatures([
    { name: 'prefers-color-scheme', value: dark ? 'dark' : 'light' },
    { name: 'prefers-reduced-motion', value: 'reduce' },
  ]);
}

/** Collects a page's problems, each as a sentence. */
function watch(page: Page, origins: string[]): string[] {
  const problems: string[] = [];
  const isOurs = (url: string) =>
    /^(about|blob|data|chrome-error):/.test(url) || origins.includes(new URL(url).origin);
  page.on('request', (request) => {
    if (!isOurs(request.url())) problems.push(`request to elsewhere: ${request.url().slice(0, 200)}`);
  });
  page.on('response', (response) => {
    const request = response.request();
    if (response.status() >= 400 && !isNavigation(request))
      problems.push(`${response.status()} ${request.method()} ${response.url()}`);
  });
  page.on('console', (message) => {
    if (!['error', 'warn'].includes(message.type())) return;
    // reported above with its method, or asserted by the test when it is the page itself
    if (message.text().startsWith('Failed to load resource: the server responded with a status of')) return;
    problems.push(`console ${message.type()}: ${message.text()} (${message.location().url ?? ''})`);
  });
  page.on('pageerror', (error) => problems.push(`script error: ${(error as Error).stack ?? error}`));
  page.on('error', (error) => problems.push(`crash: ${error.message}`));
  page.on('dialog', (dialog) => {
    problems.push(`dialog: ${dialog.message()}`);
    dialog.accept().catch(() => {});
  });
  return problems;
}

function isNavigation(request: HTTPRequest): boolean {
  return request.isNavigationRequest() && request.frame()?.parentFrame() === null;
}
