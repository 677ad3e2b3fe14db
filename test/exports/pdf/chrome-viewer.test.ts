// What people copy out of a PDF in Chrome. Headless shells, like the packaged browser, have no PDF viewer; there, PDFium's
// text, of which the other tests assert the same, has to do.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import type { Page } from 'puppeteer-core';
import { buildTextPdfHtml } from '../../../src/exports/pdf/text-pdf.html.ts';
import { openBrowser } from '../../support/browser.ts';
import { wordsIn } from './readers/read-pdf.ts';
import { startRendering } from './rendering.ts';
import { buildPage } from './synthetic-pages.ts';

/** Serves each PDF at its name, and at `/` pages that show one. */
async function servePdfs(pdfs: Record<string, Buffer>) {
  const server = createServer((request, response) => {
    const name = (request.url ?? '').slice(1);
    const pdf = pdfs[name];
    if (pdf) return response.setHeader('Content-Type', 'application/pdf').end(pdf);
    const shown = name.replace(/\.html$/, '');
    return response
      .setHeader('Content-Type', 'text/html')
      .end(
        pdfs[shown] ? `<title>PDF</title><embed src="/${shown}" type="application/pdf">` : '<title>x</title>',
      );
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const stop = async () => {
    server.closeAllConnections();
    server.close();
    await once(server, 'close');
  };
  return { url, stop };
}

/** Asks the viewer as Chrome's print preview does: https://source.chromium.org/ pdf_scripting_api.js */
function selectAllAndCopy(page: Page): Promise<string> {
  return page.evaluate(
    () =>
      new Promise<string>((resolve) => {
        const viewer = document.querySelector('embed') as unknown as Window;
        const send = (type: string) => viewer.postMessage({ type });
        const asking = setInterval(() => send('initialize'), 100);
        addEventListener('message', ({ data }) => {
          if (data.type === 'documentLoaded') {
            clearInterval(asking);
            send('selectAll');
            send('getSelectedText');
          }
          if (data.type === 'getSelectedTextReply') resolve(data.selectedText);
        });
      }),
  );
}

test('“select all” and “copy” in Chrome give all words of both kinds of PDF in order', async (t) => {
  const rendering = await startRendering();
  t.after(() => rendering.stop());
  const pages = await Promise.all(
    [
      [1240, 1754],
      [463, 605],
    ].map(([width = 0, height = 0], shade) => buildPage({ width, height, shade })),
  );
  const words = pages.flatMap((page) => page.lines.flatMap((line) => line.words.map(({ text }) => text)));
  const searchable = await rendering.renderPages(pages);
  const text = await rendering.render({ html: buildTextPdfHtml({ title: 'Title', language: 'en', pages }) });
  const site = await servePdfs({
    'searchable.pdf': await readFile(searchable.path),
    'text.pdf': await readFile(text.path),
  });
  t.after(site.stop);
  const browser = await openBrowser({ origins: [site.url], installed: true });
  t.after(() => browser.stop());

  // the viewer is an extension of Chrome's own
  await browser.visit({ expected: /chrome(-extension)?:\/\// }, async ({ page }) => {
    await page.goto(site.url);
    if (!(await page.evaluate(() => navigator.pdfViewerEnabled))) {
      return t.skip(
        'this Chromium has no PDF viewer (a headless shell); Debian’s chromium and Chrome have one',
      );
    }
    await page.goto(`${site.url}/searchable.pdf.html`);
    assert.deepEqual(wordsIn(await selectAllAndCopy(page)), words);
    await page.goto(`${site.url}/text.pdf.html`);
    const copied = wordsIn(await selectAllAndCopy(page));
    let from = 0;
    for (const word of words) {
      const at = copied.indexOf(word, from);
      assert.notEqual(at, -1, `“${word}” is missing in: ${copied.join(' ')}`);
      from = at + 1;
    }
  });
});
