// Image moderation, over HTTP and with a stand-in for Rekognition in its documented shapes: an image that shows what is not allowed
// is seen by no one, and what goes wrong at the service is retried.
import assert from 'node:assert/strict';
import type { AddressInfo } from 'node:net';
import { after, before, test } from 'node:test';
import sharp from 'sharp';
import { createRekognition } from '../../src/aws/rekognition.client.ts';
import { createImageModerator } from '../../src/detection/image-moderator.ts';
import { createMetrics } from '../../src/runtime/metrics.ts';
import { textJpeg } from '../support/images.ts';
import { type Paperlift, startPaperlift } from '../support/paperlift.ts';
import { addPage, type Client } from '../support/shown-pages.ts';
import { waitFor } from '../support/wait.ts';

let paperlift: Paperlift;
let alice: Client;
before(async () => {
  paperlift = await startPaperlift({
    worker: true,
    textract: ['Hello'],
    otherServiceFaults: true,
    env: {
      PIPELINE_STEPS: 'moderate images at 90 percent except Alcohol',
      MODERATION_PRICE_PER_IMAGE: '0.5',
      METRICS_PORT: '0',
      HOST: '127.0.0.1',
      JOB_MAX_TRIES: '2',
      JOB_LEASE_SECONDS: '4',
    },
  });
  alice = await paperlift.signIn('alice@example.com');
});
after(() => paperlift.stop());

const plain = (background: string, side = 300) =>
  sharp({ create: { width: side, height: side, channels: 3, background } })
    .jpeg()
    .toBuffer();
const violent = () => plain('#f00000');
const moderation = /DetectModerationLabels/;
const aws = (name: string) => ({
  kind: 'answer' as const,
  status: 400,
  type: 'application/x-amz-json-1.1',
  body: JSON.stringify({ __type: name, message: 'no' }),
});

async function add(jpeg: Buffer) {
  const page = await addPage(alice, { jpeg });
  const until = (status: string) =>
    waitFor(`the page to be ${status}`, async () => {
      const found = await page.read();
      return found.status === status ? found : undefined;
    });
  return { ...page, until };
}

async function samples(): Promise<Record<string, number>> {
  const { port } = paperlift.measuring.address as AddressInfo;
  const text = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
  return Object.fromEntries(text.split('\n').map((line) => [line.split(' ')[0], Number(line.split(' ')[1])]));
}

test('a page whose image is allowed is read, an empty one too, and each image is paid for once', async () => {
  const [before, called] = [await samples(), paperlift.otherServices.count(moderation)];
  for (const jpeg of [await textJpeg(['Hello']), await plain('#ffffff'), await plain('#f0a020')])
    await (await add(jpeg)).until('ready'); // the last would show alcohol, which is excepted
  assert.equal(paperlift.otherServices.count(moderation) - called, 3);
  const now = await samples();
  const difference = (name: string) => (now[name] ?? 0) - (before[name] ?? 0);
  assert.equal(difference('paperlift_step_calls_total{step="moderation",outcome="passed"}'), 3);
  assert.equal(difference('paperlift_step_cost_total{step="moderation"}'), 1.5);
});

test('a refused page says why, its image is shown to no one, and its text is not detected', async () => {
  const detections = paperlift.countDetections();
  const page = await add(await violent());
  const failed = await page.until('failed');
  assert.equal(failed.failure.code, 'image-refused');
  assert.match(failed.failure.message, /content that isn’t allowed\. Replace the image/);
  assert.equal(failed.failure.retryable, false);
  assert.equal(paperlift.countDetections(), detections);
  for (const kind of ['image', 'thumbnail'])
    assert.equal((await page.call('get', `${page.path}/${kind}`)).status, 404, kind);
  const { blobs, stores } = paperlift.services;
  const id = page.path.split('/').at(-1) as string;
  await waitFor('the prepared image to be deleted', async () =>
    (await blobs.head(`projects/${page.project}/pages/${id}/r1/a1/image.jpg`)) ? undefined : true,
  );
  assert.equal((await stores.pages.find(page.project, id))?.thumbnailKey, undefined);
});

test('what was found is shown to administrators, not to the page’s owner', async () => {
  const page = await add(await violent());
  await page.until('failed');
  const carol = await paperlift.signIn('carol@example.com');
  const seenBy = async ({ agent }: Client) => (await agent.get(`/projects/${page.project}`)).text;
  assert.match(await seenBy(carol), /Found: Graphic Violence \(99%\), Violence \(99%\)/);
  const owners = await seenBy(alice);
  assert.match(owners, /content that isn’t allowed/);
  assert.doesNotMatch(owners, /Violence/);
  assert.doesNotMatch(JSON.stringify(await page.read()), /Violence|moderation/);
});

test('another image in place of a refused one is checked for itself', async () => {
  const page = await add(await violent());
  await page.until('failed');
  const jpeg = await textJpeg(['Hello']);
  await page
    .call('put', `${page.path}/image`)
    .attach('files', jpeg, { filename: 'a.jpg', contentType: 'image/jpeg' });
  assert.equal((await page.until('ready')).text, 'Hello');
  const id = page.path.split('/').at(-1) as string;
  assert.equal((await paperlift.services.stores.pages.find(page.project, id))?.moderationLabels, undefined);
});

test('a page waits while permissions are missing, and the operator is told', async () => {
  let left = 4; // more than JOB_MAX_TRIES
  const stop = paperlift.otherServices.when(moderation, () =>
    left-- > 0 ? aws('AccessDeniedException') : undefined,
  );
  await (await add(await textJpeg(['Hello']))).until('ready');
  stop();
  const alarms = paperlift.logs.entries().filter(({ alarm }) => alarm === true);
  assert.equal(alarms.length, 4);
  assert.match(JSON.stringify(alarms[0]), /AccessDeniedException/);
});

test('errors of the account use up no attempts, errors of the answer do', async () => {
  const outcomeOf = async (name: string) => {
    const moderator = createImageModerator({
      rekognition: {
        send: async () => {
          throw Object.assign(new Error('no'), { name });
        },
      } as never,
      bucket: 'paperlift',
      minConfidence: 80,
      except: [],
      pricePerImage: 1,
      metrics: createMetrics(),
    });
    const answer = await moderator.moderate('key', 1000, new AbortController().signal);
    return answer.outcome === 'try-again' ? answer.countsAsAttempt : answer.outcome;
  };
  for (const name of [
    'ThrottlingException',
    'ProvisionedThroughputExceededException',
    'AccessDeniedException',
    'AbortError',
    'InternalServerError',
    'TimeoutError',
  ])
    assert.equal(await outcomeOf(name), false, name);
  for (const name of ['InvalidS3ObjectException', 'SyntaxError'])
    assert.equal(await outcomeOf(name), true, name);
  for (const name of ['ImageTooLargeException', 'InvalidImageFormatException'])
    assert.equal(await outcomeOf(name), 'refused', name);
});

test('an image on which the service hangs uses up its attempts', async () => {
  const rekognition = createRekognition(paperlift.config.aws);
  const release = paperlift.otherServices.when(moderation, { kind: 'silence' });
  try {
    const moderator = createImageModerator({
      rekognition,
      bucket: 'paperlift',
      minConfidence: 80,
      except: [],
      pricePerImage: 1,
      metrics: createMetrics(),
    });
    const answer = await moderator.moderate('key', 300, new AbortController().signal);
    assert.equal(answer.outcome === 'try-again' && answer.countsAsAttempt, true);
  } finally {
    release();
    rekognition.destroy();
  }
});

test('an image that the service cannot check, or that it answers without a list, does not pass and is not paid for', async () => {
  const costOf = async () => (await samples())['paperlift_step_cost_total{step="moderation"}'];
  const before = await costOf();
  assert.equal(
    (await (await add(await plain('#ffffff', 60))).until('failed')).failure.code,
    'image-not-moderated',
  );
  const stop = paperlift.otherServices.when(moderation, { ...aws(''), status: 200, body: '{}' });
  const failed = await (await add(await textJpeg(['Hello']))).until('failed');
  stop();
  assert.deepEqual([failed.failure.code, failed.failure.retryable], ['tried-too-often', true]);
  assert.equal(await costOf(), before);
});

test('a worker that lost the page refuses nothing', async () => {
  const leasesLost = () => paperlift.logs.text().split('lease lost').length;
  const before = leasesLost();
  const { promise, resolve } = Promise.withResolvers<void>();
  const stop = paperlift.otherServices.when(moderation, async () => {
    await promise;
    return undefined;
  });
  const asked = paperlift.otherServices.count(moderation);
  const jpeg = await textJpeg(['Hello']);
  const page = await add(await violent());
  await waitFor('moderation', async () =>
    paperlift.otherServices.count(moderation) > asked ? true : undefined,
  );
  await page
    .call('put', `${page.path}/image`)
    .attach('files', jpeg, { filename: 'a.jpg', contentType: 'image/jpeg' });
  stop();
  resolve();
  await waitFor('the lost lease', async () => (leasesLost() > before ? true : undefined));
  const ready = await page.until('ready');
  assert.equal(ready.failure, undefined);
  const id = page.path.split('/').at(-1) as string;
  assert.equal((await paperlift.services.stores.pages.find(page.project, id))?.moderationLabels, undefined);
});
