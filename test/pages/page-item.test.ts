import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fromStoredPage, toStoredPage } from '../../src/pages/page-item.ts';

const address = { projectId: '01M8N64NA70H314WH8DGKQTXZM', id: '01M8N64NKVDJ4GNXGF2KMVMR36' };
const folder = `projects/${address.projectId}/pages/${address.id}/`;

test('a page is stored without the folder of its objects, and read with it', () => {
  const page = {
    ...address,
    originalKey: `${folder}originals/1`,
    imageKey: `${folder}r1/a1/image.jpg`,
    thumbnailKey: `${folder}r1/a1/thumbnail.jpg`,
    detectionKey: `${folder}r1/a1/detection.json`,
  };
  const item = toStoredPage(address, page);
  assert.deepEqual(item, {
    ...address,
    originalKey: '/originals/1',
    imageKey: '/r1/a1/image.jpg',
    thumbnailKey: '/r1/a1/thumbnail.jpg',
    detectionKey: '/r1/a1/detection.json',
  });
  assert.deepEqual(fromStoredPage(item), page);
});

test('an object of another folder, and a page of an older layout, keep their whole keys', () => {
  const key = `projects/${address.projectId}/imports/1/original`;
  assert.deepEqual(toStoredPage(address, { originalKey: key }), { originalKey: key });
  const older = { ...address, originalKey: key, imageKey: `${folder}r1/a1/image.jpg` };
  assert.deepEqual(fromStoredPage(older), older);
});
