// One page's job with attempts that fail: what is kept, what is deleted, and where the text comes from.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { ulid } from 'ulid';
import { createDetectionService } from '../../src/detection/detection.service.ts';
import type { DetectionOutcome } from '../../src/detection/text-detector.ts';
import { createPageDrawer } from '../../src/drawing/page-drawer.ts';
import type { PageStore } from '../../src/pages/page.store.ts';
import type { Page } from '../../src/pages/page.ts';
import type { Detection } from '../../src/text/detected-text.ts';
import { addProject, detectionOf } from '../search/stage.ts';
import { buildPdf } from '../support/documents.ts';
import { textJpeg } from '../support/images.ts';
import { type Paperlift, startPaperlift } from '../support/paperlift.ts';

let paperlift: Paperlift;
before(async () => {
  paperlift = await startPaperlift({ env: { LOG_LEVEL: 'fatal' } });
});
after(() => paperlift.stop());

const detected: DetectionOutcome = { outcome: 'detected', detection: detectionOf(['Read from the image']) };
const tryAgain: DetectionOutcome = { outcome: 'try-again', cause: new Error('busy'), countsAsAttempt: true };

/** A page that waits for its worker, with this original. */
async function addPage(original: Buffer, contentType: string, facts: Partial<Page> = {}) {
  const { stores, blobs } = paperlift.services;
  const projectId = await addProject(paperlift, 'alice@example.com', 'Attempts');
  const id = ulid();
  const originalKey = `projects/${projectId}/pages/${id}/originals/1`;
  await blobs.put(originalKey, original, contentType);
  const at = new Date().toISOString();
  await stores.pages.create({
    id,
    projectId,
    position: 1,
    status: 'uploaded',
    revision: 1,
    fileName: 'page',
    originalKey,
    contentType,
    sizeBytes: original.length,
    sha256: 'x',
    rotation: 0,
    createdAt: at,
    updatedAt: at,
    ...facts,
  });
  return { projectId, pageId: id };
}

/** Handles the page's message once for each answer of the text detector, and once for own text. */
async function work(
  page: { projectId: string; pageId: string },
  answers: DetectionOutcome[],
  pages: Partial<PageStore> = {},
) {
  const { services } = paperlift;
  let calls = 0;
  const service = createDetectionService({
    pages: { ...services.stores.pages, ...pages },
    blobs: services.blobs,
    textDetector: {
      detect: async () => answers[calls++] ?? detected,
      destroy() {},
    },
    drawer: createPageDrawer(),
    languagesOf: async () => [],
    audit: { record: async () => {} } as never,
    decodeGate: services.decodeGate,
    workerId: 'test',
    jobs: { maxAttempts: 3, leaseMs: 60_000 },
    metrics: services.metrics,
    logger: services.logger,
    now: services.now,
  });
  for (let count = 0; count < Math.max(1, answers.length); count += 1)
    await service.handle({ ...page, revision: 1 }, AbortSignal.timeout(60_000));
  const stored = (await services.stores.pages.findWithText(page.projectId, page.pageId)) as Page;
  return { stored, calls };
}

const isThere = async (key: string | undefined) =>
  key !== undefined && Boolean(await paperlift.services.blobs.head(key));
const jpeg = () => textJpeg(['Page'], { height: 300 });
const pdf = () => buildPdf([{ text: 'From the file' }]);
const textIn = (page: Page) => page.text;

/** The page becomes ready, and the worker does not hear of it. */
const withLostAnswer = (): Partial<PageStore> => ({
  finishReady: async (...given) => {
    await paperlift.services.stores.pages.finishReady(...given);
    throw new Error('the answer was lost');
  },
});

describe('an attempt that fails', () => {
  test('leaves the image that it prepared to the next one, which does not prepare it again', async () => {
    const page = await addPage(await jpeg(), 'image/jpeg');
    const { stored: between } = await work(page, [tryAgain]);
    assert.match(between.imageKey ?? '', /r1\/a1\/image\.jpg$/);
    assert.deepEqual([await isThere(between.imageKey), await isThere(between.thumbnailKey)], [true, true]);
    const { stored } = await work(page, [detected]);
    assert.deepEqual([stored.status, stored.imageKey], ['ready', between.imageKey]);
    assert.match(stored.detectionKey ?? '', /r1\/a2\/detection\.json$/);
  });

  test('deletes what it stored when the page is not its own any more', async () => {
    const page = await addPage(await jpeg(), 'image/jpeg');
    const fencedOff = { savePrepared: async () => undefined as never };
    await work(page, [detected], fencedOff);
    const folder = `projects/${page.projectId}/pages/${page.pageId}/r1/a1/`;
    for (const name of ['image.jpg', 'thumbnail.jpg', 'detection.json'])
      assert.equal(await isThere(folder + name), false, name);
  });

  for (const [name, source] of Object.entries({
    'of a scan': { file: jpeg, type: 'image/jpeg', facts: {}, text: 'Read from the image' },
    'of a page with text of its own': {
      file: pdf,
      type: 'application/pdf',
      facts: { textSource: 'pdf-text' as const },
      text: 'From the file',
    },
  }))
    test(`keeps all that a page uses which became ready without its knowledge: ${name}`, async () => {
      const page = await addPage(await source.file(), source.type, source.facts);
      const { stored } = await work(page, [], withLostAnswer());
      assert.deepEqual([stored.status, textIn(stored)], ['ready', source.text]);
      for (const key of ['imageKey', 'thumbnailKey', 'detectionKey'] as const)
        assert.ok(await isThere(stored[key]), key);
      assert.equal(await isThere(stored.ownTextKey), source.type === 'application/pdf');
    });
});

describe('the text of a page of a PDF', () => {
  test('is turned with an image that was turned before it was prepared', async () => {
    const read = async (rotation: number) => {
      const page = await addPage(await pdf(), 'application/pdf', { textSource: 'pdf-text', rotation });
      const { stored, calls } = await work(page, []);
      assert.equal(calls, 0, 'the text detector is not called');
      const file = await paperlift.services.blobs.read(stored.detectionKey ?? '');
      return (JSON.parse(file.toString()) as Detection).lines[0]?.polygon[0];
    };
    const [upright, turned] = [await read(0), await read(90)];
    assert.ok(upright && turned);
    assert.ok(Math.abs(turned.x - (1 - upright.y)) < 1e-9 && Math.abs(turned.y - upright.x) < 1e-9);
  });

  test('is read from its image where a person wants that, and where what was taken from the file is no text', async () => {
    const prepared = async (textSource: Page['textSource'], ownText: string) => {
      const folder = `projects/shared/${ulid()}`;
      const { blobs } = paperlift.services;
      await blobs.put(`${folder}/image.jpg`, await jpeg(), 'image/jpeg');
      await blobs.put(`${folder}/own-text.json`, ownText, 'application/json');
      const page = await addPage(await pdf(), 'application/pdf', {
        ...(textSource ? { textSource } : {}),
        imageKey: `${folder}/image.jpg`,
        thumbnailKey: `${folder}/image.jpg`,
        ownTextKey: `${folder}/own-text.json`,
        preparedRotation: 0,
        width: 600,
        height: 300,
      });
      const { stored } = await work(page, []);
      return [stored.textSource, textIn(stored)];
    };
    const corner = { x: 0.1, y: 0.1 };
    const piece = { text: 'Taken', confidence: 100, polygon: [corner, corner, corner, corner] };
    const real = JSON.stringify({ lines: [{ id: 'l1', ...piece, words: [piece] }] });
    assert.deepEqual(await prepared('pdf-text', real), ['pdf-text', 'Taken']);
    assert.deepEqual(await prepared('ocr', real), ['ocr', 'Read from the image']);
    for (const none of [
      'no JSON',
      '{"lines":[{"id":"l1"}]}',
      real.replace('100', '99'),
      real.replace('0.1', '1.1'),
    ])
      assert.deepEqual(await prepared('pdf-text', none), ['ocr', 'Read from the image'], none);
  });
});
