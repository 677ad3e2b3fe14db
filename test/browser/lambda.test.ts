// Large files where everything runs on Lambda, in a real browser: no body of theirs fits through a function.
import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { countPdfPages } from '../../src/exports/pdf/pdf-page-count.ts';
import { startStandIns } from '../../src/local/stand-ins.ts';
import { openBrowser } from '../support/browser.ts';
import { startFunction } from '../support/lambda/function.ts';
import { startLambdaFront } from '../support/lambda/http-front.ts';
import { startLambdaQueueFront } from '../support/lambda/queue-front.ts';
import { noise } from '../support/odd-images.ts';
import { startTextractStub } from '../support/textract-stub.ts';
import { waitFor } from '../support/wait.ts';
import {
  chooseFiles,
  createProject,
  follow,
  isReady,
  signIn,
  waitForDownload,
  waitForPages,
  waitForTexts,
} from './site.ts';

const mb = 1024 * 1024;

/** The product as functions, with the stand-ins behind it and a browser before it. */
async function openLambdaSite() {
  const directory = await mkdtemp(path.join(tmpdir(), 'paperlift-lambda-'));
  const front = await startLambdaFront();
  const standIns = await startStandIns({
    dataDirectory: path.join(directory, 'data'),
    ports: 'any',
    publicUrl: front.url,
    textract: false,
  });
  const textract = await startTextractStub();
  const env: Record<string, string> = { ...standIns.env, TEXTRACT_ENDPOINT: textract.url, LOG_LEVEL: 'warn' };
  const queueFront = await startLambdaQueueFront({
    endpoint: env.SQS_ENDPOINT as string,
    queueUrls: [env.PAGES_QUEUE_URL as string, env.EXPORTS_QUEUE_URL as string],
  });
  const web = { module: 'src/lambda.ts', runtimeApi: front.runtimeApi, env };
  const functions = [
    startFunction(web),
    startFunction(web),
    startFunction({ module: 'src/lambda-worker.ts', runtimeApi: queueFront.runtimeApi, env }),
  ];
  await front.started;
  const browser = await openBrowser({
    origins: [front.url, new URL(env.SAML_ENTRY_POINT as string).origin, env.S3_ENDPOINT as string],
  });
  return {
    url: front.url,
    visit: browser.visit,
    async file(name: string, content: Buffer) {
      const file = path.join(directory, name);
      await writeFile(file, content);
      return file;
    },
    async stop() {
      await browser.stop();
      await Promise.all(functions.map((one) => one.stop()));
      await Promise.all([front.stop(), queueFront.stop()]);
      await textract.stop();
      await standIns.stop();
      await rm(directory, { recursive: true, force: true });
    },
  };
}

describe('on Lambda, in a browser', () => {
  let site: Awaited<ReturnType<typeof openLambdaSite>>;
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
      await signIn(page, 'alice@example.com', site.url);
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

  it('a file that is no image is refused by name, and the good one beside it is taken', async () => {
    const photograph = await noise(3000, 2400).jpeg({ quality: 88 }).toBuffer();
    assert.ok(photograph.length > 4_000_000);
    const paths = [
      await site.file('good.jpg', photograph),
      await site.file('bad.jpg', Buffer.from('no image at all')),
    ];
    await site.visit({ expected: /415 POST/ }, async ({ page }) => {
      await signIn(page, 'bob@example.com', site.url);
      await createProject(page, 'Mixed');
      await chooseFiles(page, paths);
      await waitForPages(page, (pills) => pills.length === 1);
      const [refusal] = await waitForTexts(page, '.refusals li', (texts) => texts.length === 1);
      assert.match(refusal as string, /^bad\.jpg: .*no JPEG, PNG, WebP/);
      assert.equal(await page.$eval('#upload-progress', (card) => (card as HTMLElement).hidden), true);
    });
  });
});
