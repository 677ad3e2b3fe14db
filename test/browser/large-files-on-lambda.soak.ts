// Large files where everything runs on Lambda, in a real browser: no body of theirs fits through a function.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { countPdfPages } from '../../src/exports/pdf/pdf-page-count.ts';
import { noise } from '../support/odd-images.ts';
import { waitFor } from '../support/wait.ts';
import { type LambdaSite, openLambdaSite } from './lambda-site.ts';
import {
  chooseFiles,
  createProject,
  follow,
  isReady,
  signInAtProvider,
  waitForDownload,
  waitForPages,
  waitForTexts,
} from './site.ts';

const mb = 1024 * 1024;

describe('on Lambda, in a browser', () => {
  let site: LambdaSite;
  before(async () => {
    site = await openLambdaSite();
  });
  after(() => site?.stop());

  it('photographs of 9 MB go up and a PDF of 30 MB comes down, past the functions', async () => {
    const photograph = await noise(4240, 3180).jpeg({ quality: 88, chromaSubsampling: '4:2:0' }).toBuffer();
    assert.ok(photograph.length > 9 * mb, `${photograph.length / mb} MB`);
    const paths = await Promise.all(
      [1, 2, 3, 4].map((number) => site.file(`photo-${number}.jpg`, photograph)),
    );
    await site.visit({}, async (visitor) => {
      const { page } = visitor;
      await signInAtProvider(page, 'alice@example.com', site.url);
      await createProject(page, 'Large');
      const sent: { method: string; origin: string }[] = [];
      page.on('request', (request) => {
        sent.push({ method: request.method(), origin: new URL(request.url()).origin });
      });
      await chooseFiles(page, paths);
      await waitForPages(page, (pills) => pills.length === 4 && pills.every(isReady));
      const direct = () =>
        sent.filter(({ method, origin }) => method === 'PUT' && origin !== site.url).length;
      assert.equal(direct(), 4);

      const second = () =>
        page.$$eval('.page-card:nth-child(2) img', ([image]) => (image as HTMLImageElement | undefined)?.src);
      const before = await second();
      const better = await noise(3000, 2400).jpeg({ quality: 88 }).toBuffer();
      assert.ok(better.length > 4_000_000);
      await page.click('.page-card:nth-child(2) .card-menu summary');
      const [chooser] = await Promise.all([
        page.waitForFileChooser(),
        page.click('.page-card:nth-child(2) [data-replace]'),
      ]);
      await chooser.accept([await site.file('better.jpg', better)]);
      await waitFor('the new image', async () => ![undefined, before].includes(await second()) || undefined);
      await waitForPages(page, (pills) => pills.length === 4 && pills.every(isReady));
      assert.equal(direct(), 5, 'the new image went past the functions, too');

      await follow(page, () => page.click('.page-card:nth-child(1) .page-link'));
      await page.waitForFunction(
        () => (document.querySelector('.scan img') as HTMLImageElement).naturalWidth > 0,
      );
      await follow(page, () => page.click('.review-head .crumbs a:last-of-type'));

      await page.click('.head details.menu summary');
      await follow(page, () => page.click('button[name="format"][value="searchable-pdf"]'));
      await waitForTexts(page, '.export-row .pill', ([pill]) => pill === 'ready');
      await page.click('.export-row a[download]');
      const { name, bytes, path: file } = await waitForDownload(visitor);
      assert.equal(name, 'Large.pdf');
      assert.ok(bytes.length > 30 * mb, `${bytes.length / mb} MB`);
      assert.equal(await countPdfPages(file), 4);
    });
  });
});
