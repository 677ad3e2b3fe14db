import type { Page } from '../../src/pages/page.ts';

/** A page that was read. */
export function buildPage(overrides: Partial<Page> = {}): Page {
  return {
    id: 'A',
    projectId: 'P1',
    position: 1,
    status: 'ready',
    revision: 3,
    fileName: 'receipt.jpg',
    originalKey: 'o',
    contentType: 'image/jpeg',
    sizeBytes: 1,
    sha256: 's',
    rotation: 0,
    width: 1000,
    height: 2000,
    imageKey: 'i',
    thumbnailKey: 't',
    wordCount: 2,
    doubtfulCount: 0,
    createdAt: '2026-11-21T09:00:00.000Z',
    updatedAt: '2026-11-21T09:00:00.000Z',
    ...overrides,
  };
}
