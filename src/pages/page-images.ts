// The images of a page as shown. A rotated image is made from the prepared one at its first request, under a key that
// names both, so that it can be made again at any time.
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import type { Blob, BlobStore } from '../aws/blob-store.ts';
import { PaperliftError } from '../errors.ts';
import { createTurns } from '../runtime/fair-turns.ts';
import type { Logger } from '../runtime/logger.ts';
import type { Rotation } from '../text/rotated-polygons.ts';
import { pageKeys } from './page.keys.ts';
import type { Page } from './page.ts';
import { degreesOf, type ShownAs } from './turning.ts';

interface Dependencies {
  blobs: Pick<BlobStore, 'open' | 'read' | 'put' | 'removeAll'>;
  /** Rotates a JPEG clockwise. */
  turnImage: (image: Buffer, degrees: number) => Promise<Buffer>;
  logger: Logger;
}

export type ImageKind = 'image' | 'thumbnail';

type Pictured = Pick<
  Page,
  | 'projectId'
  | 'personId'
  | 'rotation'
  | 'preparedRotation'
  | 'tilt'
  | 'straightened'
  | 'imageKey'
  | 'thumbnailKey'
>;

const quarters: Rotation[] = [0, 90, 180, 270];

export function createPageImages({ blobs, turnImage, logger }: Dependencies) {
  const making = new Map<string, Promise<Buffer>>();
  /** One image at a time, because rotating takes memory. */
  const turning = createTurns({ atOnce: 1 });

  async function rotateInTurn(person: string, work: () => Promise<Buffer>): Promise<Buffer> {
    const turn = await turning.take(person);
    try {
      return await work();
    } finally {
      turn.release();
    }
  }

  /** Makes a rotated image. Concurrent requests for the same image share the work. */
  function make(person: string, key: string, preparedKey: string, degrees: number): Promise<Buffer> {
    const made =
      making.get(key) ??
      rotateInTurn(person, async () => {
        const turned = await turnImage(await blobs.read(preparedKey), degrees);
        await blobs.put(key, turned, 'image/jpeg');
        return turned;
      }).finally(() => making.delete(key));
    making.set(key, made);
    return made;
  }

  /** A JPEG as the page is shown, or was. Throws `image-not-ready` before the page is prepared. */
  async function open(page: Pictured, kind: ImageKind, as: ShownAs = {}): Promise<Blob> {
    const preparedKey = kind === 'image' ? page.imageKey : page.thumbnailKey;
    if (!preparedKey) throw notReady();
    const degrees = degreesOf(page, as);
    if (degrees === 0) return blobs.open(preparedKey);
    const key = pageKeys.turned(preparedKey, degrees);
    const found = await blobs.open(key).catch((error) => {
      if ((error as Error).name !== 'NoSuchKey') throw error;
      return undefined;
    });
    if (found) return found;
    // not opened again: another rotation may have deleted it by then
    const made = await make(page.personId ?? page.projectId, key, preparedKey, degrees);
    return { key, body: Readable.from([made]), sizeBytes: made.length };
  }

  return {
    open,

    /** The whole image as shown. */
    read: async (page: Pictured) => buffer((await open(page, 'image')).body),

    /** Deletes rotated images that a rotation has made obsolete. They can be made again. */
    async removeUnused(page: Pictured, before: Pictured) {
      const kept = [degreesOf(page), degreesOf(before)];
      const all = quarters.flatMap((rotation) => [
        degreesOf(page, { rotation, straightened: false }),
        degreesOf(page, { rotation, straightened: true }),
        degreesOf(before, { rotation, straightened: true }),
      ]);
      const unused = [...new Set(all)].filter((degrees) => degrees !== 0 && !kept.includes(degrees));
      const keys = [page.imageKey, page.thumbnailKey].flatMap((prepared) =>
        prepared ? unused.map((degrees) => pageKeys.turned(prepared, degrees)) : [],
      );
      if (keys.length === 0) return;
      await blobs
        .removeAll(keys)
        .catch((error) => logger.warn({ err: error }, 'could not delete unused rotated images'));
    },
  };
}

export type PageImages = ReturnType<typeof createPageImages>;

function notReady() {
  return new PaperliftError('not-found', {
    code: 'image-not-ready',
    message: 'The image of this page isn’t ready yet.',
    hint: 'Wait a moment, then reload.',
  });
}
