// How pages come into a project, as people bring them: dropped by the dozen, pasted, photographed, and from a phone.
import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import type { ElementHandle, Page } from 'puppeteer-core';
import sharp from 'sharp';
import { textJpeg } from '../support/images.ts';
import { findBarriers } from './axe.ts';
import {
  chooseFiles,
  createProject,
  follow,
  holdRequest,
  isSeen,
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
    site = await openSite({ worker: false, camera: true, env: { DIRECT_ABOVE_BYTES: '20000' } });
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
      assert.match(await textOf(page, '#upload-title'), /Uploading \d+ of 30|Checking files/);
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
      await paste(page, image);
      await waitForPages(page, (pills) => pills.length === 1);
    });
  });

  it('every refused file stays named with its reason, in whatever order it is dropped, until it is dismissed', async () => {
    const small = await textJpeg(['Total'], { width: 200, height: 100 });
    const names = ['readme.txt', 'red.gif', 'fake.jpg', 'good.jpg', 'large fake.jpg'];
    const contents = ['Milk, bread', 'GIF89a', 'no image', small, 'sent to S3 '.repeat(2000)];
    const paths = await Promise.all(names.map((name, index) => site.file(name, contents[index] as string)));
    const orders = [
      [0, 1, 2, 3, 4],
      [4, 3, 2, 1, 0],
      [0, 3, 1, 4, 2],
      [2, 4, 0, 3, 1],
    ];
    await site.visit({ expected: /415 POST/ }, async ({ page }) => {
      await signIn(page, 'alice@example.com', site.url);
      await createProject(page, 'Mixed');
      const refused = (count: number) =>
        waitForTexts(page, '.refusals li', (texts) => texts.length === count);
      for (const [index, order] of orders.entries()) {
        await dropFiles(
          page,
          order.map((at) => paths[at] as string),
        );
        await waitForPages(page, (pills) => pills.length === index + 1);
        await refused(4 * (index + 1));
      }
      await dropFiles(page, paths.slice(0, 2)); // nothing of it is taken
      const all = await refused(4 * orders.length + 2);
      for (const [name, reason] of [
        ['readme.txt', /: Unsupported file type\. Use JPEG, .* up to 200 MB\./],
        ['red.gif', /: Unsupported file type\. Use JPEG/],
        ['fake.jpg', /: This /],
        ['large fake.jpg', /: This /],
      ] as const)
        assert.ok(
          all.filter((text) => text.startsWith(name) && reason.test(text)).length >= orders.length,
          name,
        );
      assert.match(await textOf(page, '#upload-refusals'), /^18 files weren’t added/);

      assert.equal(await page.$('[data-retry]'), null, 'sent again, it would be refused again');

      await chooseFiles(page, [paths[3] as string]);
      await waitForPages(page, (pills) => pills.length === orders.length + 1);
      await page.waitForSelector('#upload-progress[hidden]');
      await follow(page, () => page.reload());
      await refused(18);
      await page.click('.refusals li:first-child [data-dismiss]');
      assert.equal((await refused(17)).length, 17);
      await page.click('#upload-dismiss-all');
      await page.waitForSelector('#upload-refusals[hidden]');
      await follow(page, () => page.reload());
      assert.equal(await textOf(page, '#upload-refusals'), '');
    });
  });

  it('a refusal is read out once, and “Cancel” does not take it away', async () => {
    await site.visit({ expected: /415 POST/ }, async ({ page }) => {
      await signIn(page, 'alice@example.com', site.url);
      await createProject(page, 'Once');
      const readOut = await page.evaluateHandle(() => {
        const refusals = document.getElementById('upload-refusals') as HTMLElement;
        const counted = { times: 0 };
        new MutationObserver(() => (counted.times += 1)).observe(refusals, { childList: true });
        return counted;
      });
      await chooseFiles(page, [await site.file('bad.jpg', 'no image'), await site.file('good.jpg', image)]);
      await waitForPages(page, (pills) => pills.length === 1);
      await waitForTexts(page, '.refusals li', ([text]) => /^bad\.jpg: /.test(text ?? ''));
      assert.deepEqual(await readOut.jsonValue(), { times: 1 });
      const held = await holdRequest(page, (request) => request.method() === 'POST');
      await chooseFiles(page, [await site.file('slow.jpg', image)]);
      await held.reached;
      await page.click('#upload-cancel');
      await page.waitForSelector('#upload-progress[hidden]');
      assert.match(await textOf(page, '.refusals li'), /^bad\.jpg: /);
    });
  });

  it('a folder that is dropped after a paste gives its files, also those of its folders, and the page stays usable', async () => {
    const folder = await makeFolder({
      'Receipts/1.jpg': image,
      'Receipts/notes.txt': 'no image',
      'Receipts/.DS_Store': 'hidden',
      'Receipts/March/Thumbs.db': 'hidden',
      'Receipts/March/10.jpg': image,
      'Receipts/March/2.jpg': image,
      'Receipts/March/.git/config.jpg': image,
    });
    await site.visit({}, async ({ page }) => {
      await signIn(page, 'alice@example.com', site.url);
      const url = await createProject(page, 'Folder');
      await paste(page, image);
      await waitForPages(page, (pills) => pills.length === 1);
      await dropFiles(page, [path.join(folder, 'Receipts')]);
      await waitForPages(page, (pills) => pills.length === 4);
      const refusals = await waitForTexts(page, '.refusals li', (texts) => texts.length > 0);
      assert.equal(refusals.length, 1);
      assert.match(refusals[0] as string, /^Receipts\/notes\.txt: Unsupported file type/);
      const pages = await site.paperlift.services.stores.pages.list(url.split('/').at(-1) as string);
      assert.deepEqual(
        pages.map(({ fileName }) => fileName),
        ['pasted.jpg', '1.jpg', '2.jpg', '10.jpg'],
      );
      const overlays = await page.$$eval('html, body', (elements) =>
        elements.map(({ className }) => className),
      );
      assert.ok(!/drag|dropping/.test(overlays.join()), overlays.join());
      await page.click('#rename-open'); // nothing lies over it
      await page.waitForFunction(() => document.activeElement?.id === 'rename');
    });
    await rm(folder, { recursive: true });
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
      const began = page.waitForSelector('#upload-progress:not([hidden])');
      await chooseFiles(page, [await site.file('a.jpg', image)]);
      await began;
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
      await asking.release();
      assert.equal(await page.$eval('#rename', (input) => (input as HTMLInputElement).value), 'New name');
      await page.keyboard.press('Escape');
      await waitForPages(page, (pills) => pills.length === 1);
    });
  });

  it('a press that lasts while the pages are asked for is not lost', async () => {
    await site.visit({}, async ({ page }) => {
      await signIn(page, 'alice@example.com', site.url);
      await createProject(page, 'Pressed');
      const asking = await holdRequest(page, (request) => request.url() === page.url());
      await chooseFiles(page, [await site.file('a.jpg', image)]);
      await asking.reached;
      const answered = page.waitForResponse((response) => response.url() === page.url());
      await page.hover('#rename-open');
      await page.mouse.down();
      await asking.release();
      await (await answered).text();
      await page.evaluate(() => new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve))));
      await page.mouse.up();
      await page.waitForFunction(() => document.activeElement?.id === 'rename');
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
      assert.match(refusals.join(), /second\.jpg: Upload failed: connection lost\./);
      await page.setOfflineMode(false);
      await page.click('#upload-retry-all').catch(() => {}); // or it happened by itself
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

  it('the computer’s camera takes pages in a row: shutter, retake, use; it is off when the dialog is closed', async () => {
    await site.visit({}, async ({ page }) => {
      await signIn(page, 'alice@example.com', site.url);
      await createProject(page, 'Webcam');
      await page.click('#take-photos');
      await page.waitForSelector('#shutter', { visible: true });
      assert.deepEqual(await findBarriers(page), []);
      await page.setViewport({ width: 1280, height: 900 });
      await page.keyboard.press('Space'); // the shutter has the focus
      await page.waitForSelector('#use-photo', { visible: true });
      await waitForTexts(page, '#camera-hint', ([hint]) => hint !== '');
      assert.deepEqual(await findBarriers(page), []);
      await page.keyboard.press('Escape'); // retakes it, and leaves the dialog open
      for (const count of ['1 page added', '2 pages added']) {
        await page.waitForFunction(() => document.activeElement?.id === 'shutter');
        await page.evaluate(() => {
          const decode = window.createImageBitmap;
          // the look at this photo is not over when it is used
          window.createImageBitmap = () => {
            window.createImageBitmap = decode;
            return new Promise(() => {});
          };
        });
        await page.keyboard.press('Space');
        await page.waitForSelector('#use-photo', { visible: true });
        await page.keyboard.press('Enter');
        assert.equal(await page.evaluate(() => document.activeElement?.id), 'shutter');
        await waitForTexts(page, '#camera-count', ([text]) => text === count);
      }
      assert.deepEqual(
        await page.$$eval('#camera-shots li', (shots) => shots.map((shot) => shot.textContent)),
        ['Page 1: added', 'Page 2: added'],
      );
      const track = await page.evaluateHandle(() => {
        const video = document.getElementById('camera-video') as HTMLVideoElement;
        return (video.srcObject as MediaStream).getVideoTracks()[0] as MediaStreamTrack;
      });
      await page.keyboard.press('Escape');
      await page.waitForFunction(() => document.activeElement?.id === 'take-photos');
      assert.equal(await track.evaluate(({ readyState }) => readyState), 'ended');
      await waitForPages(page, (pills) => pills.length === 2);
    });
  });

  it('without leave to use the camera, or without one, the dialog says what to do, and takes a file', async () => {
    await site.visit({}, async ({ page }) => {
      await signIn(page, 'alice@example.com', site.url);
      await createProject(page, 'No camera');
      await page.evaluate(() => {
        const names = ['NotAllowedError', 'NotFoundError', 'NotReadableError'];
        navigator.mediaDevices.getUserMedia = async () => {
          throw new DOMException('', names.shift());
        };
      });
      await page.click('#take-photos');
      for (const words of [/access is blocked\. Allow/, /No camera found/, /used by another app/]) {
        await waitForTexts(page, '#camera-trouble-text', ([text]) => words.test(text ?? ''));
        await page.click('#camera-again');
      }
      const input = (await page.$('#camera-file')) as ElementHandle<HTMLInputElement>;
      await input.uploadFile(await site.file('chosen.jpg', image));
      await waitForTexts(page, '#camera-count', ([text]) => text === '1 page added');
      await page.click('#camera-done');
      await waitForPages(page, (pills) => pills.length === 1);
    });
  });

  it('on a phone, the button for phones opens the camera itself; a code for another device can be had', async () => {
    await site.visit({}, async ({ page }) => {
      await signIn(page, 'alice@example.com', site.url);
      const url = await createProject(page, 'On a phone');
      await page.setViewport({ width: 360, height: 740, isMobile: true, hasTouch: true });
      await page.goto(url);
      assert.equal(await textOf(page, '#use-phone'), 'Take photos');
      assert.ok(!(await isSeen(page, '#take-photos')), 'the same is not offered twice');
      await page.tap('#use-phone');
      await page.waitForSelector('#shutter', { visible: true });
      assert.equal(await page.$('#phone-link'), null);
      const sizes = await page.$$eval('#camera :is(button, select)', (controls) =>
        controls
          .filter((control) => control.checkVisibility())
          .map((control) => control.getBoundingClientRect())
          .map(({ width, height }) => Math.min(width, height)),
      );
      assert.ok(Math.min(...sizes) >= 44, sizes.join());
      await page.tap('#shutter');
      await page.waitForSelector('#use-photo', { visible: true });
      await page.tap('#camera-done'); // what is shown is meant
      await waitForPages(page, (pills) => pills.length === 1);
      await page.tap('#use-other-phone');
      await page.waitForSelector('#phone-link .phone-code svg');
    });
  });

  it('pages taken with a phone, signed in by the code, appear on the desktop, which says when it is done; the link is good once', async () => {
    await site.visit({}, async ({ page: desk }) => {
      await signIn(desk, 'alice@example.com', site.url);
      await createProject(desk, 'From the phone');
      await desk.click('#use-phone');
      await desk.waitForSelector('#phone-link .phone-code svg');
      await waitForTexts(desk, '#phone-link-left', ([text]) =>
        /^Link expires in [45]:\d\d\.$/.test(text ?? ''),
      );
      const link = await desk.$eval(
        '#phone-link .phone-address a',
        (anchor) => (anchor as HTMLAnchorElement).href,
      );
      await site.visit({ width: 390, height: 780, expected: /415 POST/ }, async ({ page: phone }) => {
        await phone.goto(link);
        await phone.waitForSelector('#shutter', { visible: true });
        assert.equal(await textOf(phone, 'h1'), 'From the phone');
        assert.match(await textOf(phone, '#camera-time'), /^Link expires in [45]:\d\d$/);
        assert.equal(phone.url(), `${site.url}/phone`, 'the token is gone from the address');
        const input = (await phone.$('#camera-file')) as ElementHandle<HTMLInputElement>;
        await input.uploadFile(await site.file('bad.jpg', 'no image'));
        await waitForTexts(phone, '.refusals li', ([text]) => /^bad\.jpg: /.test(text ?? ''));
        for (const count of ['1 page', '2 pages']) {
          await phone.waitForSelector('#shutter:enabled', { visible: true });
          await phone.click('#shutter');
          await phone.waitForSelector('#use-photo', { visible: true });
          await phone.click('#use-photo');
          await waitForTexts(phone, '#camera-count', ([text]) => text === `${count} added`);
          await waitForTexts(
            desk,
            '#phone-link-news',
            ([text]) => text === `Phone connected. ${count} added so far.`,
          );
        }
        await waitForPages(desk, (pills) => pills.length === 2);
        assert.match(await textOf(phone, '.refusals li'), /^bad\.jpg: /, 'it is named until it is dismissed');
        await phone.click('[data-dismiss]');
        await phone.waitForSelector('#upload-refusals[hidden]');
        await phone.click('#camera-done');
        await waitForTexts(phone, '#camera-note', ([text]) =>
          /^2 pages added to the project\./.test(text ?? ''),
        );
      });
      await waitForTexts(
        desk,
        '#phone-link-news',
        ([text]) => text === 'Done. 2 pages added from your phone.',
      );
      assert.ok(!(await isSeen(desk, '.phone-code, #phone-link-left')), 'nothing says that the link is good');
      await site.visit({ expected: /401/ }, async ({ page: stranger }) => {
        await stranger.goto(link);
        await waitForTexts(stranger, '#camera-note', ([text]) => /already used/.test(text ?? ''));
      });
    });
  });
});

/** Drops files or folders of this machine on the page, as a person does. */
async function dropFiles(page: Page, files: string[]) {
  const client = await page.createCDPSession();
  const data = { items: [], files, dragOperationsMask: 1 };
  for (const type of ['dragEnter', 'dragOver', 'drop'] as const)
    await client.send('Input.dispatchDragEvent', { type, x: 300, y: 400, data });
  await client.detach();
}

async function paste(page: Page, content: Buffer) {
  await page.evaluate((base64) => {
    const bytes = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
    const clipboardData = new DataTransfer();
    clipboardData.items.add(new File([bytes], '', { type: 'image/jpeg' }));
    document.dispatchEvent(new ClipboardEvent('paste', { clipboardData, bubbles: true, cancelable: true }));
  }, content.toString('base64'));
}

/** A folder of these files. The keys are their paths in it. */
async function makeFolder(files: Record<string, Buffer | string>): Promise<string> {
  const folder = await mkdtemp(path.join(tmpdir(), 'paperlift-dropped-'));
  for (const [name, content] of Object.entries(files)) {
    await mkdir(path.dirname(path.join(folder, name)), { recursive: true });
    await writeFile(path.join(folder, name), content);
  }
  return folder;
}

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
