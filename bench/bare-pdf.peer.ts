// What Chromium needs for the same images alone: one page an image, no text, opened from files.
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Browser } from 'puppeteer-core';

interface Image {
  jpeg: Buffer;
  width: number;
  height: number;
}

export async function prepareBarePdf({ images, folder }: { images: Image[]; folder: string }) {
  const document = join(folder, 'bare.html');
  for (const [index, { jpeg }] of images.entries()) await writeFile(join(folder, `bare-${index}.jpg`), jpeg);
  await writeFile(document, buildHtml(images));

  return {
    /** Milliseconds to open the document and print it to a file. */
    async time(browser: Browser): Promise<number> {
      const startedAt = performance.now();
      const page = await browser.newPage();
      await page.goto(pathToFileURL(document).href, { waitUntil: 'load' });
      await page.pdf({
        path: join(folder, 'bare.pdf'),
        preferCSSPageSize: true,
        printBackground: true,
        timeout: 0,
      });
      await page.close();
      return performance.now() - startedAt;
    },
  };
}

function buildHtml(images: Image[]): string {
  const sizes = images.map(({ width, height }) => `${Math.round(width / 2)}px ${Math.round(height / 2)}px`);
  const rules = sizes.map((size, index) => {
    const [width, height] = size.split(' ');
    return `@page p${index} { size: ${size}; margin: 0 } #p${index} { page: p${index}; width: ${width}; height: ${height} }`;
  });
  const pages = images.map((_, index) => `<img id="p${index}" src="bare-${index}.jpg" alt="">`);
  return `<!doctype html><meta charset="utf-8"><style>body { margin: 0 } img { display: block; break-after: page } img:last-child { break-after: auto } ${rules.join(' ')}</style>${pages.join('')}`;
}
