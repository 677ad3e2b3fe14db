// How pages come into a project without a pointer: phone, camera, folder, clipboard, and what did not arrive.
import assert from 'node:assert/strict';
import type { Page } from 'puppeteer-core';
import sharp from 'sharp';
import { textJpeg } from '../support/images.ts';
import { noise } from '../support/odd-images.ts';
import { addPile } from '../support/piles.ts';
import { chooseByKeys, enter, followAt, pressAt, tabTo, waitForFocus } from './keys.ts';
import { holdRequest, letPass, type Site, textsOf, waitForPages, waitForTexts } from './site.ts';

const alice = 'alice@example.com';

/** An empty project of Alice's, and her in it. */
async function openProject(site: Site, page: Page, name: string) {
  const { path } = await addPile(site.paperlift, alice, { name, count: 0 });
  await enter(page, alice, site.url + path);
}

const waitForFiles = (page: Page) => waitForFocus(page, '#files', '.upload-label');

export async function takesPagesByPhone(site: Site) {
  await site.visit({}, async ({ page: desk }) => {
    await openProject(site, desk, 'By phone');
    await pressAt(desk, '#use-phone');
    await waitForFocus(desk, '#phone-link');
    await pressAt(desk, '#phone-link summary');
    await tabTo(desk, '.phone-address a');
    const link = await desk.$eval('.phone-address a', (anchor) => (anchor as HTMLAnchorElement).href);
    await site.visit({ width: 390, height: 780 }, async ({ page: phone }) => {
      await phone.goto(link);
      await phone.waitForSelector('#shutter', { visible: true });
      await tabTo(phone, '#shutter');
      for (const said of ['1 page added', '2 pages added']) {
        await phone.keyboard.press('Space');
        await waitForFocus(phone, '#use-photo');
        await phone.keyboard.press('Space');
        await waitForTexts(phone, '#camera-count', ([text]) => text === said);
        await waitForFocus(phone, '#shutter');
      }
      await pressAt(phone, '#camera-done');
      await waitForTexts(phone, '#camera-note', ([text]) => /^2 pages added/.test(text ?? ''));
      await waitForFocus(phone, '#camera-note');
    });
    await waitForPages(desk, (pills) => pills.length === 2);
    await waitForTexts(desk, '#phone-link-news', ([text]) => /^Done\. 2 pages/.test(text ?? ''));
    await waitForFocus(desk, '#phone-link'); // where the focus was is not shown any more
    await pressAt(desk, '#phone-link-close');
    await waitForFocus(desk, '#use-phone');
    assert.equal(await desk.$('#phone-link'), null);
  });
}

export async function takesPagesByCameraAndFolder(site: Site) {
  await site.visit({}, async ({ page }) => {
    await openProject(site, page, 'By camera');
    await tabTo(page, '#files', { shownBy: '.upload-label' });
    const coming = await holdRequest(page, (request) => request.url() === page.url());
    await chooseByKeys(page, [await site.file('one.jpg', await textJpeg(['One'], { height: 200 }))]);
    await coming.reached;
    await pressAt(page, '#take-photos');
    await waitForFocus(page, '#shutter');
    await coming.release();
    await waitForPages(page, (pills) => pills.length === 1);
    await waitForFocus(page, '#shutter'); // pages that come do not take it away
    await page.keyboard.press('Enter');
    await waitForFocus(page, '#use-photo');
    await tabTo(page, '#retake', { isBackwards: true });
    await page.keyboard.press('Enter');
    await waitForFocus(page, '#shutter');
    await page.keyboard.press('Space');
    await waitForFocus(page, '#use-photo');
    await pressAt(page, '#camera-done');
    await waitForFocus(page, '#take-photos');
    await waitForPages(page, (pills) => pills.length === 2);

    await page.evaluate(() => {
      // where a native picker opens; the test stops there
      document.getElementById('folder')?.addEventListener('click', (event) => {
        event.preventDefault();
        document.documentElement.dataset.asksForFolder = 'yes';
      });
    });
    await pressAt(page, '#upload-folder');
    await page.waitForSelector('[data-asks-for-folder]');
    await waitForFocus(page, '#upload-folder');
  });
}

export async function pastesAPage(site: Site) {
  const png = await sharp(await textJpeg(['Pasted'], { height: 200 }))
    .png()
    .toBuffer();
  await site.visit({}, async ({ page }) => {
    await openProject(site, page, 'Pasted');
    const { origin } = new URL(site.url);
    await page
      .browserContext()
      .overridePermissions(origin, ['clipboard-read', 'clipboard-write', 'clipboard-sanitized-write']);
    await page.evaluate(async (base64) => {
      const bytes = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
      const blob = new Blob([bytes], { type: 'image/png' });
      await navigator.clipboard.write([new ClipboardItem({ 'image/png': blob })]);
    }, png.toString('base64'));
    await page.keyboard.down('Control');
    await page.keyboard.press('v', { commands: ['Paste'] });
    await page.keyboard.up('Control');
    await waitForPages(page, (pills) => pills.length === 1);
  });
}

export async function sendsAgainWhatDidNotArrive(site: Site) {
  const image = await textJpeg(['Harbour Hotel'], { height: 200 });
  const paths = await Promise.all(['a', 'b', 'c', 'd'].map((name) => site.file(`${name}.jpg`, image)));
  await site.visit({ expected: /net::ERR_FAILED/ }, async ({ page }) => {
    await openProject(site, page, 'Again');
    await tabTo(page, '#files', { shownBy: '.upload-label' });
    let isDown = true;
    await page.setRequestInterception(true);
    page.on('request', (request) =>
      isDown && request.method() === 'POST' ? request.abort('failed') : letPass(request),
    );
    await chooseByKeys(page, paths);
    const names = () => textsOf(page, '#upload-refusals li strong');
    await waitForTexts(page, '#upload-refusals li strong', (all) => all.length === 4);
    const [, second] = await names();
    await pressAt(page, '#upload-refusals li:first-child [data-dismiss]');
    await waitForTexts(page, '#upload-refusals li strong', ([now]) => now === second);
    await waitForFocus(page, '#upload-refusals li:first-child [data-dismiss]');
    isDown = false;
    await pressAt(page, '#upload-refusals li:first-child [data-retry]', { isBackwards: true });
    await waitForPages(page, (pills) => pills.length === 1);
    await waitForFocus(page, '#upload-refusals li:first-child [data-retry]');
    await pressAt(page, '#upload-retry-all');
    await waitForPages(page, (pills) => pills.length === 3);
    await waitForFiles(page);
  });
}

export async function stopsWhatIsUnderWay(site: Site) {
  const large = await site.file('large.jpg', await noise(900, 900).jpeg({ quality: 95 }).toBuffer());
  await site.visit({}, async ({ page }) => {
    await openProject(site, page, 'Stopped');
    await page.emulateNetworkConditions({ upload: 20_000, download: -1, latency: 0 });
    await tabTo(page, '#files', { shownBy: '.upload-label' });
    await chooseByKeys(page, [large]);
    await page.waitForSelector('#upload-progress:not([hidden])');
    await pressAt(page, '#upload-cancel');
    await page.waitForSelector('#upload-progress[hidden]');
    await waitForFiles(page);
    assert.deepEqual(await textsOf(page, '.page-card'), []);
  });
}

export async function usesThePlainForm(site: Site) {
  const paper = await site.file('paper.jpg', await textJpeg(['Plain'], { height: 200 }));
  const { path } = await addPile(site.paperlift, alice, { name: 'Plain', count: 0 });
  await site.visit({ script: false }, async ({ page }) => {
    await page.goto(site.url + path);
    await followAt(page, `button[value="${alice}"]`);
    await followAt(page, 'button.primary');
    await tabTo(page, '#files');
    await chooseByKeys(page, [paper]);
    await followAt(page, '.upload-submit');
    assert.equal((await textsOf(page, '.page-card')).length, 1);
    await pressAt(page, '.manage-item summary');
    await tabTo(page, '.manage-item button');
  });
}
