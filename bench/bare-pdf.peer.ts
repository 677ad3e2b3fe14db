// Chromium's own time for the same images: one page an image, no text.
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Browser, Page } from 'puppeteer-core';

interface Image {
  jpeg: Buffer;
  width: number;
  height: number;
}

/** Each function measures the milliseconds from a new page to the finished PDF file. */
export async function prepareBarePdf({ images, folder }: { images: Image[]; folder: string }) {
  const document = join(folder, 'bare.html');
  const fileNames = images.map((_, index) => `bare-${index}.jpg`);
  for (const [index, { jpeg }] of images.entries()) await writeFile(join(folder, `bare-${index}.jpg`), jpeg);
  await writeFile(document, buildHtml(images, fileNames));

  async function time(browser: Browser, open: (page: Page) => Promise<unknown>): Promise<number> {
    const startedAt = performance.now();
    const page = await browser.newPage();
    await open(page);
    const path = join(folder, 'bare.pdf');
    await page.pdf({ path, preferCSSPageSize: true, printBackground: true, timeout: 0 });
    const took = performance.now() - startedAt;
    await page.close();
    return took;
  }

  return {
    /** The document with inlined images in one string, as a program with images in memory passes it to puppeteer. */
    timeInlined: (browser: Browser) =>
      time(browser, async (page) => {
        const addresses = images.map(({ jpeg }) => `data:image/jpeg;base64,${jpeg.toString('base64')}`);
        await page.setContent(buildHtml(images, addresses), { waitUntil: 'load', timeout: 0 });
      }),

    /** Chromium opens files: the fastest way, which Paperlift's browser may not use. */
    timeFromFiles: (browser: Browser) =>
      time(browser, (page) => page.goto(pathToFileURL(document).href, { waitUntil: 'load', timeout: 0 })),
  };
}

function buildHtml(images: Image[], addresses: string[]): string {
  const rules = images.map(({ width, height }, index) => {
    const [across, down] = [`${Math.round(width / 2)}px`, `${Math.round(height / 2)}px`];
    return `@page p${index} { size: ${across} ${down}; margin: 0 } #p${index} { page: p${index}; width: ${across}; height: ${down} }`;
  });
  const pages = addresses.map((address, index) => `<img id="p${index}" src="${address}" alt="">`);
  return `<!doctype html><meta charset="utf-8"><style>body { margin: 0 } img { display: block; break-after: page } img:last-child { break-after: auto } ${rules.join(' ')}</style>${pages.join('')}`;
}
