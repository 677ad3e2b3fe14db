import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createPageImages } from '../../src/pages/page-images.ts';

test('one person’s rotated images do not stand before another’s', async () => {
  const made: string[] = [];
  const images = createPageImages({
    blobs: {
      open: async () => {
        throw Object.assign(new Error('none'), { name: 'NoSuchKey' });
      },
      read: async (key: string) => {
        made.push(key.split('/')[0] as string);
        return Buffer.from(key);
      },
      put: async () => {},
    } as never,
    turnImage: async (image) => image,
    logger: {} as never,
  });
  const pageOf = (personId: string, at: number) => ({
    projectId: `${personId}-${at}`,
    personId,
    rotation: 90,
    preparedRotation: 0,
    imageKey: `${personId}/${at}.jpg`,
  });
  await Promise.all([
    ...Array.from({ length: 5 }, (_, at) => images.open(pageOf('mallory', at), 'image')),
    images.open(pageOf('alice', 0), 'image'),
  ]);
  assert.deepEqual(made.slice(0, 3), ['mallory', 'alice', 'mallory']);
});
