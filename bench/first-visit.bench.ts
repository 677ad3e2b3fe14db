// Measures the first visit of a project with 100 pages for a browser without cached files, on loopback: bytes,
// requests, the time to the first paint and, scrolling down, to the last thumbnail, and layout shifts.
import type { CDPSession, Page } from 'puppeteer-core';
import { signIn } from '../test/browser/site.ts';
import { openBrowser } from '../test/support/browser.ts';
import { textJpeg } from '../test/support/images.ts';
import { startPaperlift } from '../test/support/paperlift.ts';
import { addPile } from '../test/support/piles.ts';
import { createRow, median, type Row } from './row.ts';

const pageCount = 100;
const visits = 5;

interface Visit {
  /** Without images. */
  bytes: number;
  requests: number;
  /** Thumbnails loaded before scrolling. */
  imagesAtFirst: number;
  firstPaintMs: number;
  lastThumbnailMs: number;
  shift: number;
}

export async function measureFirstVisit(): Promise<Row[]> {
  const paperlift = await startPaperlift();
  const browser = await openBrowser({
    origins: [paperlift.url, new URL(paperlift.config.saml.providers[0]?.entryPoint ?? '').origin],
  });
  try {
    const images = [
      await textJpeg(['Corner Bookshop', 'Total 34.70'], { width: 900, height: 1200 }),
      await textJpeg(['Harbour Hotel', 'One night 129.00'], { width: 700, height: 1300 }),
    ];
    const { path } = await addPile(paperlift, 'alice@example.com', { count: pageCount, images });
    const found: Visit[] = [];
    for (let number = 0; number < visits; number += 1) {
      found.push(
        await browser.visit({}, async ({ page }) => {
          await signIn(page, 'alice@example.com', paperlift.url);
          return measureVisit(page, paperlift.url + path);
        }),
      );
    }
    return presentRows(found);
  } finally {
    await browser.stop();
    await paperlift.stop();
  }
}

async function measureVisit(page: Page, address: string): Promise<Visit> {
  const session = await page.createCDPSession();
  await session.send('Network.enable');
  await session.send('Network.clearBrowserCache');
  const traffic = countTraffic(session);
  await page.evaluateOnNewDocument(() => {
    const state = window as unknown as { shift: number };
    state.shift = 0;
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries()) state.shift += (entry as unknown as { value: number }).value;
    }).observe({ type: 'layout-shift', buffered: true });
  });
  await page.goto(address, { waitUntil: 'networkidle0' });
  const imagesAtFirst = traffic.images;
  const { bytes, requests } = traffic;
  await scrollToEnd(page);
  const times = await page.evaluate(() => ({
    firstPaintMs: performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? Number.NaN,
    lastThumbnailMs: Math.max(
      ...performance
        .getEntriesByType('resource')
        .filter(({ name }) => name.includes('/thumbnail'))
        .map((entry) => (entry as PerformanceResourceTiming).responseEnd),
    ),
    shift: (window as unknown as { shift: number }).shift,
  }));
  return { bytes, requests, imagesAtFirst, ...times };
}

/** Bytes on the wire, including headers. */
function countTraffic(session: CDPSession) {
  const traffic = { bytes: 0, requests: 0, images: 0 };
  const kinds = new Map<string, string>();
  session.on('Network.responseReceived', ({ requestId, type }) => kinds.set(requestId, type));
  session.on('Network.loadingFinished', ({ requestId, encodedDataLength }) => {
    if (kinds.get(requestId) === 'Image') traffic.images += 1;
    else {
      traffic.bytes += encodedDataLength;
      traffic.requests += 1;
    }
  });
  return traffic;
}

/** Scrolls down, one window at a time, until every thumbnail has loaded. */
async function scrollToEnd(page: Page) {
  await page.evaluate(async () => {
    const images = [...document.querySelectorAll<HTMLImageElement>('.page-desk img')];
    for (const image of images) {
      image.scrollIntoView({ block: 'center' });
      await new Promise(requestAnimationFrame);
      await image.decode();
    }
  });
}

function presentRows(found: Visit[]): Row[] {
  const middle = (of: (visit: Visit) => number) => median(found.map(of));
  const what = `Project with ${pageCount} pages, first visit`;
  return [
    createRow({
      id: 'first-visit-bytes',
      what: `${what}: bytes without images`,
      value: middle(({ bytes }) => bytes) / 1024,
      unit: 'KB',
      target: { of: 'value', atMost: 250 },
      note: `in ${middle(({ requests }) => requests)} requests; ${middle(({ imagesAtFirst }) => imagesAtFirst)} of ${pageCount} thumbnails before scrolling`,
    }),
    createRow({
      id: 'first-visit-paint',
      what: `${what}: first contentful paint`,
      value: middle(({ firstPaintMs }) => firstPaintMs),
      unit: 'ms',
    }),
    createRow({
      id: 'first-visit-last-thumbnail',
      what: `${what}: last thumbnail, scrolling down at once`,
      value: middle(({ lastThumbnailMs }) => lastThumbnailMs),
      unit: 'ms',
      note: 'counted from the request for the page; includes the wait for the network to rest',
    }),
    createRow({
      id: 'first-visit-shift',
      what: `${what}: layout shift`,
      value: Math.max(...found.map(({ shift }) => shift)),
      unit: '',
      target: { of: 'value', atMost: 0.02 },
    }),
  ];
}
