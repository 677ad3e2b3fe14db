// How pages come into a project, as people bring them: dropped by the dozen, pasted, photographed, and from a phone.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Page } from 'puppeteer-core';
import sharp from 'sharp';
import { textJpeg } from '../support/images.ts';
import {
  chooseFiles,
  createProject,
  follow,
  holdRequest,
  openSite,
  type Site,
  signIn,
  textOf,
  waitForPages,
  waitForTexts,
} from './site.ts';

describe('capture in a browser', () => {
  let site: Site;
  let image: Buffer;
  before(async () => {
    site = await openSite({ worker: false, camera: true });
    image = await textJpeg(['Corner Bookshop', 'Two paperbacks 24.80'], { width: 1200, height: 900 });
  });
  after(() => site?.stop());

  it('thirty images dropped at once anywhere on the page become thirty pages in their order', async () => {
    await site.visit({}, async ({ page }) => {
      await signIn(page, 'alice@example.com', site.url);
      await createProject(page, 'Thirty');
      await drop(
        page,
        image,
        Array.from({ length: 30 }, (_, index) => `scan-${index + 1}.jpg`),
      );
      await page.waitForSelector('#upload-progress:not([hidden])');
      assert.match(await textOf(page, '#upload-title'), /Uploading \d+ of 30|Checking the files/);
      await waitForPages(page, (pills) => pills.length === 30);
      await page.waitForSelector('#upload-progress[hidden]');
      const { services } = site.paperlift;
      const projectId = page.url().split('/').at(-1) as string;
      const names = (await services.stores.pages.list(projectId)).map(({ fileName }) => fileName);
      assert.deepEqual(
        names,
        Array.from({ length: 30 }, (_, index) => `scan-${index + 1}.jpg`),
      );
    });
  });

  it('what is pasted becomes a page', async () => {
    await site.visit({}, async ({ page }) => {
      await signIn(page, 'alice@example.com', site.url);
      await createProject(page, 'Pasted');
      await page.evaluate(async (base64) => {
        const bytes = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
        const clipboardData = new DataTransfer();
        clipboardData.items.add(new File([bytes], '', { type: 'image/jpeg' }));
        document.dispatchEvent(
          new ClipboardEvent('paste', { clipboardData, bubbles: true, cancelable: true }),
        );
      }, image.toString('base64'));
      await waitForPages(page, (pills) => pills.length === 1);
    });
  });

  it('a refused file says why, once, the others are taken, and it can be left out', async () => {
    await site.visit({ expected: /415 POST/ }, async ({ page }) => {
      await signIn(page, 'alice@example.com', site.url);
      await createProject(page, 'Mixed');
      const readOut = await page.evaluateHandle(() => {
        const refusals = document.getElementById('upload-refusals') as HTMLElement;
        const counted = { times: 0 };
        new MutationObserver(() => (counted.times += 1)).observe(refusals, { childList: true });
        return counted;
      });
      const paths = [await site.file('bad.jpg', Buffer.from('no image'))];
      for (const name of ['good.jpg', 'better.jpg', 'best.jpg']) paths.push(await site.file(name, image));
      await chooseFiles(page, paths);
      await waitForPages(page, (pills) => pills.length === 3);
      const [refusal] = await waitForTexts(page, '#upload-refusals li', (texts) => texts.length === 1);
      assert.match(refusal as string, /^bad\.jpg: .*no JPEG, PNG/);
      assert.deepEqual(await readOut.jsonValue(), { times: 1 });
      await page.click('[data-forget]');
      await page.waitForSelector('#upload-refusals[hidden]');
    });
  });

  it('a name that is being written stays while a page arrives', async () => {
    await site.visit({}, async ({ page }) => {
      await signIn(page, 'alice@example.com', site.url);
      await createProject(page, 'Old name');
      await page.click('#rename-open');
      await page.waitForFunction(() => document.activeElement?.id === 'rename');
      await page.keyboard.type('New na');
      const asked: string[] = [];
      page.on('request', (request) => {
        if (request.method() === 'GET' && /\/projects\//.test(request.url())) asked.push(request.url());
      });
      await chooseFiles(page, [await site.file('a.jpg', image)]);
      await page.waitForSelector('#upload-progress:not([hidden])');
      await page.waitForSelector('#upload-progress[hidden]');
      await page.evaluate(() => new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve))));
      assert.deepEqual(asked, [], 'nothing is asked for that would take its place');
      await page.keyboard.type('me');
      await follow(page, () => page.keyboard.press('Enter'));
      assert.equal(await textOf(page, 'h1'), 'New name');
      await waitForPages(page, (pills) => pills.length === 1);
    });
  });

  it('a name that somebody begins to write while the pages are asked for stays, too', async () => {
    await site.visit({}, async ({ page }) => {
      await signIn(page, 'alice@example.com', site.url);
      await createProject(page, 'Old name');
      const asking = await holdRequest(page, (request) => request.url() === page.url());
      await chooseFiles(page, [await site.file('a.jpg', image)]);
      await asking.reached;
      await page.click('#rename-open');
      await page.waitForFunction(() => document.activeElement?.id === 'rename');
      await page.keyboard.type('New name');
      await asking.letGo();
      assert.equal(await page.$eval('#rename', (input) => (input as HTMLInputElement).value), 'New name');
      await page.keyboard.press('Escape');
      await waitForPages(page, (pills) => pills.length === 1);
    });
  });

  it('files that did not arrive while the line was down are sent again by one press, and none twice', async () => {
    await site.visit({ expected: /ERR_INTERNET_DISCONNECTED|net::|htmx/ }, async ({ page }) => {
      await signIn(page, 'alice@example.com', site.url);
      await createProject(page, 'Offline');
      await chooseFiles(page, [await site.file('first.jpg', image)]);
      await waitForPages(page, (pills) => pills.length === 1);
      await page.setOfflineMode(true);
      await chooseFiles(page, [await site.file('second.jpg', image), await site.file('third.jpg', image)]);
      const refusals = await waitForTexts(page, '#upload-refusals li', (texts) => texts.length === 2);
      assert.match(refusals.join(), /second\.jpg: It could not be sent: the connection broke/);
      await page.setOfflineMode(false);
      await page.click('#upload-retry-all').catch(() => {}); // or Uppy was faster
      await waitForPages(page, (pills) => pills.length === 3);
      await page.waitForSelector('#upload-refusals[hidden]');
    });
  });

  it('a blurred photograph is taken all the same, with a hint to look at it', async () => {
    const blurred = await sharp(image).blur(12).jpeg().toBuffer();
    await site.visit({}, async ({ page }) => {
      await signIn(page, 'alice@example.com', site.url);
      await createProject(page, 'Blurred');
      await chooseFiles(page, [await site.file('sharp.jpg', image), await site.file('soft.jpg', blurred)]);
      await waitForPages(page, (pills) => pills.length === 2);
      await waitForTexts(page, '#upload-hints', ([hint]) => /^soft\.jpg looks blurred\./.test(hint ?? ''));
    });
  });

  it('the computer’s camera takes a page', async () => {
    await site.visit({}, async ({ page }) => {
      await signIn(page, 'alice@example.com', site.url);
      await createProject(page, 'Webcam');
      await page.click('#upload-more');
      // locators wait until what is to be pressed has stopped moving
      await page.locator('[data-cy="Webcam"]').click();
      await page.waitForSelector('.uppy-Webcam-button--picture', { visible: true });
      await page.waitForFunction(
        () => (document.querySelector('.uppy-Webcam-video') as HTMLVideoElement).videoWidth > 0,
      );
      await page.locator('.uppy-Webcam-button--picture').click();
      await page.locator('.uppy-Webcam-button--submit').click();
      await waitForPages(page, (pills) => pills.length === 1);
      await page.keyboard.press('Escape');
      await page.waitForFunction(() => !document.querySelector('.uppy-Dashboard:not([aria-hidden="true"])'));
    });
  });

  it('pages taken with a phone, signed in by the code, appear on the desktop; the link is good once', async () => {
    await site.visit({}, async ({ page: desk }) => {
      await signIn(desk, 'alice@example.com', site.url);
      await createProject(desk, 'From the phone');
      await desk.click('#use-phone');
      await desk.waitForSelector('#phone-link .phone-code svg');
      const link = await desk.$eval(
        '#phone-link .phone-address a',
        (anchor) => (anchor as HTMLAnchorElement).href,
      );
      await site.visit({ width: 390, height: 780 }, async ({ page: phone }) => {
        await phone.goto(link);
        await phone.waitForSelector('#shutter', { visible: true });
        assert.equal(await textOf(phone, 'h1'), 'From the phone');
        assert.equal(phone.url(), `${site.url}/phone`, 'the token is gone from the address');
        for (const count of [1, 2]) {
          await phone.waitForFunction(
            () => !(document.querySelector('#shutter') as HTMLButtonElement).disabled,
          );
          await phone.click('#shutter');
          await waitForTexts(
            phone,
            '#count',
            ([text]) => text === `${count} ${count === 1 ? 'page' : 'pages'}`,
          );
          await waitForPages(desk, (pills) => pills.length === count);
        }
        await phone.click('#done');
        await waitForTexts(phone, '#note', ([text]) => /^Done: 2 pages/.test(text ?? ''));
      });
      await site.visit({ expected: /401/ }, async ({ page: stranger }) => {
        await stranger.goto(link);
        await waitForTexts(stranger, '#note', ([text]) => /used already/.test(text ?? ''));
      });
    });
  });
});

/** Drops files of one content on the page's heading. */
async function drop(page: Page, content: Buffer, names: string[]) {
  await page.evaluate(
    (base64, fileNames) => {
      const bytes = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
      const dataTransfer = new DataTransfer();
      for (const name of fileNames) dataTransfer.items.add(new File([bytes], name, { type: 'image/jpeg' }));
      const target = document.querySelector('h1') as Element;
      for (const type of ['dragenter', 'dragover', 'drop']) {
        target.dispatchEvent(new DragEvent(type, { dataTransfer, bubbles: true, cancelable: true }));
      }
    },
    content.toString('base64'),
    names,
  );
}
