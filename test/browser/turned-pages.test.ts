// Pages that Paperlift turned by their text, in the browser: said, and turned back at once. Tilted pages are straightened.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Page } from 'puppeteer-core';
import { drawTurnedPage, type TurnedPage } from '../support/turned-pages.ts';
import { waitFor } from '../support/wait.ts';
import { findBarriers } from './axe.ts';
import { follow, openSite, type Site, signIn, waitForTexts } from './site.ts';

const alice = 'alice@example.com';
const lines = ['Corner Bookshop', 'Two novels at 12.40 each', 'Total amount 24.80', 'Thank you for coming'];

async function addPage(site: Site, { jpeg }: TurnedPage) {
  const { agent, csrfToken } = await site.paperlift.signIn(alice);
  const call = (method: 'get' | 'post', path: string) =>
    agent[method](`/api/v1${path}`).set('x-csrf-token', csrfToken);
  const project = (await call('post', '/projects').send({ name: 'Any way up' })).body.id;
  const file = { filename: 'scan.jpg', contentType: 'image/jpeg' };
  const added = await call('post', `/projects/${project}/pages`).attach('files', jpeg, file);
  const path = `/projects/${project}/pages/${added.body.items[0].id}`;
  await waitFor('the page to be read', async () =>
    (await call('get', path)).body.status === 'ready' ? true : undefined,
  );
  return { project: `${site.url}/projects/${project}`, page: `${site.url}${path}` };
}

describe('a page that lay on its side', () => {
  let site: Site;
  let answer: TurnedPage;
  before(async () => {
    answer = await drawTurnedPage(lines, 90);
    site = await openSite({ worker: true, textract: () => answer.blocks });
  });
  after(() => site?.stop());

  it('says so above its image; Undo turns image and boxes back in their place and leaves the focus at the buttons', async () => {
    const { page: url } = await addPage(site, answer);
    await site.visit({ width: 1280 }, async ({ page }) => {
      await signIn(page, alice, url);
      await waitForTexts(page, '#turned-note', ([text]) =>
        /^Turned automatically\s*·\s*Undo$/.test(text ?? ''),
      );
      assert.deepEqual(await findBarriers(page), []);
      const shapeOf = () =>
        page.$eval('#scan', (scan) => {
          const { width, height } = scan.getBoundingClientRect();
          const word = scan.querySelector('.box')?.getBoundingClientRect();
          return [width > height, (word?.width ?? 0) > (word?.height ?? 0)];
        });
      assert.deepEqual(await shapeOf(), [true, true]);
      await page.focus('#undo-turn');
      await page.keyboard.press('Enter');
      await page.waitForSelector('#turned-note', { hidden: true });
      assert.deepEqual(await shapeOf(), [false, false]);
      assert.equal(await page.$eval(':focus', ({ id }) => id), 'rotate-right');
      assert.match(await page.$eval('#scan img', ({ src }) => src), /rotation=0$/);
    });
  });

  it('is turned back from its menu in the project', async () => {
    const { project } = await addPage(site, answer);
    await site.visit({ width: 360 }, async ({ page }) => {
      await signIn(page, alice, project);
      await page.click('summary[aria-label="Menu for page 1"]');
      await page.click('[value^="undo-turn:"]');
      await page.waitForSelector('[value^="undo-turn:"]', { hidden: true });
      assert.match(await page.$eval('.page-desk img', ({ src }) => src), /rotation=0$/);
      assert.deepEqual(await findBarriers(page), []);
    });
  });
});

describe('a tilted page', () => {
  let site: Site;
  let answer: TurnedPage;
  before(async () => {
    answer = await drawTurnedPage(lines, 6);
    site = await openSite({ worker: true, textract: () => answer.blocks });
  });
  after(() => site?.stop());

  it('is straightened by a button that loads the page anew: image and boxes are level and go together, and back', async () => {
    const { page: url } = await addPage(site, answer);
    await site.visit({ width: 1280 }, async ({ page }) => {
      await signIn(page, alice, url);
      const before = await look(page);
      assert.ok(Math.abs(before.slope - 6) < 0.5, `boxes tilted by ${before.slope}`);
      assert.equal(before.label, 'Straighten');
      assert.deepEqual(await findBarriers(page), []);
      await follow(page, () => page.click('#straighten'));
      const after = await look(page);
      assert.ok(Math.abs(after.slope) < 0.2, `boxes tilted by ${after.slope}`);
      assert.ok(
        after.contrast > 1.5 * before.contrast,
        `rows of print, with white between them: ${after.contrast}, ${before.contrast} before`,
      );
      assert.equal(after.label, 'Undo straightening');
      assert.match(after.image, /straightened=true/);
      await follow(page, () => page.click('#straighten'));
      assert.deepEqual(await look(page), before);
    });
  });
});

/** The tilt of the words' boxes in degrees, how far the image's rows differ, and how much ink is in the boxes: all of it. */
async function look(page: Page) {
  await page.waitForFunction(() => (document.querySelector('#scan img') as HTMLImageElement).complete);
  const { inBoxes, ...found } = await page.evaluate(() => {
    const image = document.querySelector('#scan img') as HTMLImageElement;
    const [width, height] = [image.naturalWidth, image.naturalHeight];
    const canvas = document.createElement('canvas');
    [canvas.width, canvas.height] = [width, height];
    const context = canvas.getContext('2d', { willReadFrequently: true }) as CanvasRenderingContext2D;
    const countInk = () => {
      const { data } = context.getImageData(0, 0, width, height);
      const rows = new Array<number>(height).fill(0);
      for (let at = 0; at < width * height; at += 1)
        rows[Math.floor(at / width)] =
          (rows[Math.floor(at / width)] ?? 0) + Number((data[4 * at] ?? 0) < 128);
      return rows;
    };
    context.drawImage(image, 0, 0);
    const rows = countInk();
    const ink = rows.reduce((sum, row) => sum + row, 0);
    const slopes: number[] = [];
    context.fillStyle = '#fff';
    for (const box of document.querySelectorAll<SVGPolygonElement>('#scan .box')) {
      const points = [...box.points];
      const [first, second] = points as [DOMPoint, DOMPoint];
      slopes.push((Math.atan2(second.y - first.y, second.x - first.x) * 180) / Math.PI);
      context.beginPath();
      for (const { x, y } of points) context.lineTo(x, y);
      context.fill();
    }
    const outside = countInk().reduce((sum, row) => sum + row, 0);
    return {
      slope: slopes.reduce((sum, slope) => sum + slope, 0) / slopes.length,
      contrast: rows.reduce((sum, row) => sum + row * row, 0) / ink / width,
      inBoxes: 1 - outside / ink,
      label: document.querySelector('#straighten')?.textContent,
      image: image.src,
    };
  });
  assert.ok(inBoxes > 0.9, `${inBoxes} of the ink is in boxes`);
  return found;
}
