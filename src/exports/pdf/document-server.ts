// Answers every request of a rendered page: the document and its images, and nothing else.
import pLimit from 'p-limit';
import type { Page, Protocol } from 'puppeteer-core';
import { keepContext } from '../../runtime/trace.ts';
import { documentPolicy, documentUrl, imageIndexOf } from './document-origin.ts';
import { PdfRenderError } from './pdf-render.error.ts';

/** How many images are in memory at once. */
const imagesAtOnce = 4;

/**
 * Serves the document and its images. `failure` rejects when an image cannot be read; it never resolves. Data URLs
 * (the text layer's font) never leave the renderer; the policy in the document's header limits them.
 */
export async function serveDocument(work: {
  page: Page;
  html: string;
  images: ReadonlyArray<() => Promise<Buffer>>;
  limits: { imageBytes: number };
}): Promise<{ failure: Promise<never> }> {
  const session = await work.page.createCDPSession();
  const failed = Promise.withResolvers<never>();
  failed.promise.catch(() => {});
  const reading = pLimit(imagesAtOnce);
  let documentServed = false;

  async function answer({
    request,
    requestId,
    resourceType,
  }: Protocol.Fetch.RequestPausedEvent): Promise<void> {
    const refuse = () => session.send('Fetch.failRequest', { requestId, errorReason: 'BlockedByClient' });
    if (request.method !== 'GET') return void (await refuse());
    if (request.url === documentUrl && resourceType === 'Document' && !documentServed) {
      documentServed = true;
      return fulfil(requestId, Buffer.from(work.html), 'text/html; charset=utf-8');
    }
    const readImage = resourceType === 'Image' ? work.images[imageIndexOf(request.url) ?? -1] : undefined;
    if (!readImage) return void (await refuse());
    await reading(async () => {
      const image = await readImage();
      if (image.length > work.limits.imageBytes)
        throw new PdfRenderError('too-large', 'An image is too large.');
      if (!isJpeg(image)) throw new PdfRenderError('bad-image', 'An image is not a JPEG.');
      await fulfil(requestId, image, 'image/jpeg');
    });
  }

  async function fulfil(requestId: string, body: Buffer, contentType: string): Promise<void> {
    await session.send('Fetch.fulfillRequest', {
      requestId,
      responseCode: 200,
      responseHeaders: [
        { name: 'content-type', value: contentType },
        { name: 'content-security-policy', value: documentPolicy },
        { name: 'x-content-type-options', value: 'nosniff' },
        { name: 'cache-control', value: 'no-store' },
      ],
      body: body.toString('base64'),
    });
  }

  const onPaused = (event: Protocol.Fetch.RequestPausedEvent) => void answer(event).catch(failed.reject);
  session.on('Fetch.requestPaused', keepContext(onPaused));
  await session.send('Fetch.enable', { patterns: [{ urlPattern: '*' }] });
  return { failure: failed.promise };
}

function isJpeg(image: Buffer): boolean {
  return image[0] === 0xff && image[1] === 0xd8 && image[2] === 0xff;
}
