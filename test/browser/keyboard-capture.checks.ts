// How pages come into a project without a pointer: phone, camera, folder, clipboard, and what did not arrive.
import assert from 'node:assert/strict';
import type { Page } from 'puppeteer-core';
import sharp from 'sharp';
import { textJpeg } from '../support/images.ts';
import { noise } from '../support/odd-images.ts';
import { addPile } from '../support/piles.ts';
import { chooseByKeys, enter, followAt, pressAt, tabTo, waitForFocus } from './keys.ts';
import { holdRequest, type Site, textOf, textsOf, waitForPages, waitForTexts } from './site.ts';

const alice = 'alice@example.com';

/** An empty project of Alice's, and her in it. */
async function openProject(site: Site, page: Page, name: string) {
  const { path } = await addPile(site.paperlift, alice, { name, count: 0 });
  await enter(page, alice, site.url + path);
}

/** Uppy takes the focus a moment after its dialog is there. */
const waitForDialog = (page: Page) =>
  page.waitForFunction(() => document.querySelector('.uppy-Dashboard')?.contains(document.activeElement));

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
      for (const said of ['1 page', '2 pages']) {
        await phone.keyboard.press('Space');
        await waitForTexts(phone, '#count', ([text]) => text === said);
        await waitForFocus(phone, '#shutter');
      }
      await pressAt(phone, '#done');
      await waitForTexts(phone, '#note', ([text]) => /^Done: 2 pages/.test(text ?? ''));
      await waitForFocus(phone, '#note');
    });
    await waitForPages(desk, (pills) => pills.length === 2);
    await waitForFocus(desk, '.phone-address a'); // the pages came, and the keyboard stayed
    await pressAt(desk, '#phone-link-close');
    await waitForFocus(desk, '#use-phone');
    assert.equal(await desk.$('#phone-link'), null);
  });
}

export async function takesPagesByCameraAndFolder(site: Site) {
  await site.visit({}, async ({ page }) => {
    await openProject(site, page, 'By camera');
    await pressAt(page, '#upload-more');
    await page.waitForSelector('[data-cy="Webcam"]', { visible: true });
    await waitForDialog(page);
    await pressAt(page, '[data-cy="Webcam"]');
    await page.waitForSelector('.uppy-Webcam-button--picture', { visible: true });
    await page.waitForFunction(
      () => (document.querySelector('.uppy-Webcam-video') as HTMLVideoElement).videoWidth > 0,
    );
    await pressAt(page, '.uppy-Webcam-button--picture');
    await page.waitForSelector('.uppy-Webcam-button--submit', { visible: true });
    await pressAt(page, '.uppy-Webcam-button--submit');
    await waitForPages(page, (pills) => pills.length === 1);
    await page.keyboard.press('Escape');
    await waitForFocus(page, '#upload-more');

    await page.keyboard.press('Enter');
    await page.waitForSelector('.uppy-Dashboard-browse', { visible: true });
    await waitForDialog(page);
    const [files, folder] = ['.uppy-Dashboard-browse', '.uppy-Dashboard-browse ~ .uppy-Dashboard-browse'];
    await tabTo(page, folder);
    assert.equal(await textOf(page, ':focus'), 'choose a folder');
    await page.evaluate(() => {
      // where a native picker opens; the test stops there
      document.querySelector('[webkitdirectory]')?.addEventListener('click', (event) => {
        event.preventDefault();
        document.documentElement.dataset.asksForFolder = 'yes';
      });
    });
    await page.keyboard.press('Enter');
    await page.waitForSelector('[data-asks-for-folder]');
    await tabTo(page, `${files}:not(${folder})`, { isBackwards: true });
    await chooseByKeys(page, [await site.file('one.jpg', await textJpeg(['One'], { height: 200 }))]);
    await waitForPages(page, (pills) => pills.length === 2);
    await waitForFocus(page, '#upload-more');
  });
}

export async function opensTheDialogWhilePagesCome(site: Site) {
  await site.visit({}, async ({ page }) => {
    await openProject(site, page, 'At once');
    await tabTo(page, '#files', { shownBy: '.upload-label' });
    const coming = await holdRequest(page, (request) => request.url() === page.url());
    await chooseByKeys(page, [await site.file('one.jpg', await textJpeg(['One'], { height: 200 }))]);
    await coming.reached;
    await pressAt(page, '#upload-more');
    await page.waitForSelector('.uppy-Dashboard-browse', { visible: true });
    const takenAway = await page.evaluateHandle(() => {
      const ids: string[] = [];
      document.addEventListener('focusin', ({ target }) => {
        const { id } = target as HTMLElement;
        if (id === 'upload-more') ids.push(id);
      });
      return ids;
    });
    await coming.letGo();
    await waitForPages(page, (pills) => pills.length === 1);
    await waitForDialog(page);
    assert.deepEqual(await takenAway.jsonValue(), [], 'Uppy gives up when something else takes the focus');
    await page.keyboard.press('Escape');
    await waitForFocus(page, '#upload-more');
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
    await pressAt(page, '#upload-more'); // what sends is loaded now
    await page.waitForSelector('[data-cy="Webcam"]', { visible: true });
    await page.keyboard.press('Escape');
    await waitForFocus(page, '#upload-more');
    await tabTo(page, '#files', { shownBy: '.upload-label', isBackwards: true });
    let isDown = true;
    await page.setRequestInterception(true);
    page.on('request', (request) =>
      isDown && request.method() === 'POST' ? request.abort('failed') : request.continue(),
    );
    await chooseByKeys(page, paths);
    const names = () => textsOf(page, '#upload-refusals li strong');
    await waitForTexts(page, '#upload-refusals li strong', (all) => all.length === 4);
    const [, second] = await names();
    await pressAt(page, '#upload-refusals li:first-child [data-forget]');
    await waitForTexts(page, '#upload-refusals li strong', ([now]) => now === second);
    await waitForFocus(page, '#upload-refusals li:first-child [data-forget]');
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
    await tabTo(page, '#files', { shownBy: '.upload-label' });
    await chooseByKeys(page, [large]);
    await page.emulateNetworkConditions({ upload: 20_000, download: -1, latency: 0 });
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
