// What people see in the browser when something is wrong with what they give.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { crc32, deflateSync } from 'node:zlib';
import type { ElementHandle } from 'puppeteer-core';
import { textJpeg } from '../support/images.ts';
import { whitePng } from '../support/odd-images.ts';
import { damageJpeg } from './damaged-jpeg.ts';
import {
  chooseFiles,
  createProject,
  follow,
  isReady,
  isTooWide,
  openSite,
  type Site,
  signIn,
  textOf,
  textsOf,
  type,
  waitForPages,
  waitForTexts,
} from './site.ts';

describe('mishaps in a browser', () => {
  let site: Site;
  let paper: Buffer;

  before(async () => {
    site = await openSite({ worker: true, textract: ['Corner Bookshop', 'Total 34.70'] });
    paper = await textJpeg(['Corner Bookshop', 'Total 34.70'], { width: 700, height: 300 });
  });
  after(() => site?.stop());

  it('says of each bad file what is wrong with it, and takes the good one beside them', async () => {
    const bad = [
      await site.file('notes.jpg', 'Milk, bread, and a text file that calls itself a photograph.'),
      await site.file('cut off.jpg', paper.subarray(0, paper.length / 2)),
      await site.file('empty.jpg', ''),
      await site.file('far too long.jpg', padJpeg(paper, 60 * 1024 * 1024)),
      await site.file('far too wide.png', claimPngSize(30_000, 30_000)),
    ];
    const good = await site.file('good.jpg', paper);
    const said = [
      /^notes\.jpg: This isn’t an image or PDF, despite its name\. Use JPEG/,
      /^cut off\.jpg: The file is incomplete\. Copy it or take the photo again/,
      /^empty\.jpg: The file is empty\. Use JPEG/,
      /^far too long\.jpg: The file is too large\. The limit is 50 MB\. Make it smaller/,
      /^far too wide\.png: The image is 30,000 × 30,000 pixels\. The limit is 10,000 on each side/,
    ];
    await site.visit({ expected: /^4\d\d POST/ }, async ({ page }) => {
      await signIn(page, 'alice@example.com', site.url);
      await createProject(page, 'Bad files');

      await chooseFiles(page, bad);
      const alone = await waitForTexts(page, '.refusals li', (texts) => texts.length === bad.length);
      for (const [index, pattern] of said.entries()) assert.match(alone[index] as string, pattern);
      assert.match(await textOf(page, '#upload-refusals'), /^5 files weren’t added/);
      assert.deepEqual(await textsOf(page, '.page-card'), []);

      await page.click('#upload-dismiss-all');
      await chooseFiles(page, [bad[0], good, bad[1]] as string[]);
      await waitForPages(page, (pills) => pills.length === 1);
      const beside = await waitForTexts(page, '.refusals li', (texts) => texts.length === 2);
      for (const [index, pattern] of said.slice(0, 2).entries())
        assert.match(beside[index] as string, pattern);
      await waitForPages(page, ([pill = '']) => isReady(pill));
    });
  });

  it('keeps a name of 10 000 characters in the field, and says how long it may be', async () => {
    await site.visit({}, async ({ page }) => {
      await signIn(page, 'bob@example.com', site.url);
      await type(page, '#new-name', 'ж'.repeat(10_000));
      const answer = await follow(page, () => page.click('form[action="/projects"] button'));
      assert.equal(answer?.status(), 400);
      assert.equal(await textOf(page, '#new-name-error'), 'Use 200 characters or fewer.');
      assert.match(await page.$eval('#new-name', (field) => (field as HTMLInputElement).value), /^ж+$/);
      await type(page, '#new-name', 'Short');
      await follow(page, () => page.click('form[action="/projects"] button'));
      assert.equal(await textOf(page, 'h1'), 'Short');
    });
  });

  it('says why a page failed, here and there, and what to do: a damaged image is replaced, not tried again', async () => {
    await site.visit({}, async ({ page }) => {
      await signIn(page, 'alice@example.com', site.url);
      const projectUrl = await createProject(page, 'Damaged');
      await chooseFiles(page, [await site.file('damaged.jpg', damageJpeg(paper))]);
      await waitForPages(page, ([pill]) => pill === 'failed');
      const reason = 'The image is damaged and can’t be opened. Retake the photo or upload another file.';
      const [trouble = ''] = await textsOf(page, '.trouble-text');
      assert.equal(trouble, `Page 1 (damaged.jpg): ${reason}`);

      await follow(page, () => page.click('.page-link'));
      const pageUrl = page.url();
      assert.ok((await textOf(page, 'section.text')).includes(reason));
      assert.deepEqual(await page.$$('form[action$="/retry"]'), []);
      await follow(page, () => page.click('section.text a[href$="/replace"]'));
      const replaceBy = async (file: string) => {
        const [field] = await page.$$('#replacement');
        await (field as ElementHandle<HTMLInputElement>).uploadFile(file);
        await follow(page, () => page.click('form.card button.primary'));
      };
      await replaceBy(await site.file('wide.png', whitePng(10_001, 1)));
      assert.match(await textOf(page, '#replace-error'), /^wide\.png: The image is 10,001 × 1 pixels/);
      await replaceBy(await site.file('paper.jpg', paper));
      assert.equal(page.url(), projectUrl);
      await waitForPages(page, ([pill = '']) => isReady(pill));
      assert.deepEqual(await textsOf(page, '.trouble'), []);
      await page.goto(pageUrl);
      assert.deepEqual(await textsOf(page, '.line-text'), ['Corner Bookshop', 'Total 34.70']);
    });
  });

  for (const [kind, name] of [
    ['markup', `<script>alert(1)</script>"><img src=x onerror=alert(2)>&amp;`],
    ['right-to-left writing', 'חשבונות של חודש מאי (2026)'],
    ['emoji', '👩‍👩‍👧‍👦 Family papers 🧾'],
    ['200 characters without a space', 'W'.repeat(200)],
  ] as const) {
    it(`shows a name of ${kind} as text, on a narrow screen too`, async () => {
      const file = await site.file(`${name.replaceAll('/', '∕').slice(0, 100)}.jpg`, damageJpeg(paper));
      await site.visit({ width: 360, height: 700 }, async ({ page }) => {
        await signIn(page, 'carol@example.com', site.url);
        await createProject(page, name);
        assert.equal(await textOf(page, 'h1'), name);
        assert.equal(await page.title(), `${name} · Paperlift`);
        assert.equal(await isTooWide(page), false, 'the empty project');
        await chooseFiles(page, [file]);
        await waitForPages(page, ([pill]) => pill === 'failed');
        assert.equal(await isTooWide(page), false, 'the project');
        await follow(page, () => page.click('.page-link'));
        assert.equal(await isTooWide(page), false, 'the page');
        await page.goto(site.url);
        assert.equal((await textsOf(page, '.row-link'))[0], name);
        assert.equal(await isTooWide(page), false, 'the list');
      });
    });
  }
});

/** The same picture in a larger file: comments before its pixels (ITU-T T.81, B.2.4.5). */
function padJpeg(jpeg: Buffer, bytes: number): Buffer {
  const comment = Buffer.alloc(2 + 65_535);
  comment.writeUInt32BE(0xfffeffff);
  const comments = Array.from({ length: Math.ceil(bytes / comment.length) }, () => comment);
  return Buffer.concat([jpeg.subarray(0, 2), ...comments, jpeg.subarray(2)]);
}

/** A PNG of 100 KB that says it is this large (PNG specification, 5.3 and 11.2). */
function claimPngSize(width: number, height: number): Buffer {
  const size = Buffer.alloc(13);
  size.writeUInt32BE(width);
  size.writeUInt32BE(height, 4);
  size.set([1, 0, 0, 0, 0], 8);
  const chunks = [
    ['IHDR', size],
    ['IDAT', deflateSync(Buffer.alloc(100 * 1024 * 1024))],
    ['IEND', Buffer.alloc(0)],
  ] as const;
  return Buffer.concat([
    Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'),
    ...chunks.map(([type, data]) => {
      const chunk = Buffer.alloc(12 + data.length);
      chunk.writeUInt32BE(data.length);
      chunk.write(type, 4, 'latin1');
      data.copy(chunk, 8);
      chunk.writeUInt32BE(crc32(chunk.subarray(4, 8 + data.length)), 8 + data.length);
      return chunk;
    }),
  ]);
}
