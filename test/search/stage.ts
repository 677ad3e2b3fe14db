// Projects with pages whose text is written where the worker would write it.
import { ulid } from 'ulid';
import type { Page } from '../../src/pages/page.ts';
import type { Detection } from '../../src/text/detected-text.ts';
import { localPersonId } from '../support/local-people.ts';
import type { Paperlift } from '../support/paperlift.ts';

export async function addProject(paperlift: Paperlift, email: string, name: string) {
  const id = ulid();
  const ownerId = localPersonId(paperlift, email);
  await paperlift.services.stores.projects.create({
    id,
    name,
    organisationId: 'default',
    ownerId,
    ownerName: email,
    createdAt: new Date().toISOString(),
  });
  return id;
}

/** Lines one below the other, each word with a place of its own. */
export function detectionOf(lines: string[]): Detection {
  return {
    lines: lines.map((text, at) => {
      const box = (from: number, to: number) => {
        const [top, bottom] = [0.05 + at * 0.05, 0.08 + at * 0.05];
        return [
          { x: from, y: top },
          { x: to, y: top },
          { x: to, y: bottom },
          { x: from, y: bottom },
        ] as Detection['lines'][number]['polygon'];
      };
      const words = text.split(' ');
      return {
        id: `l${at + 1}`,
        text,
        confidence: 99,
        polygon: box(0.1, 0.9),
        words: words.map((word, index) => ({
          text: word,
          confidence: 99,
          polygon: box(0.1 + (0.8 * index) / words.length, 0.09 + (0.8 * (index + 1)) / words.length),
        })),
      };
    }),
  };
}

/** A page that was read, through the stores that the worker uses; its image is given, if any. */
export async function addPage(
  { services }: Paperlift,
  projectId: string,
  lines: string[],
  image?: { data: Buffer; width: number; height: number },
  facts: Partial<Page> = {},
) {
  const { stores, blobs } = services;
  const { id = ulid() } = facts;
  const at = new Date().toISOString();
  const folder = `projects/${projectId}/pages/${id}/`;
  if (image) await blobs.put(`${folder}image.jpg`, image.data, 'image/jpeg');
  const page: Page = {
    id,
    projectId,
    position: Date.now(),
    status: 'uploaded',
    revision: 1,
    fileName: 'page.jpg',
    originalKey: `${folder}original`,
    contentType: 'image/jpeg',
    sizeBytes: 1,
    sha256: 'x',
    rotation: 0,
    createdAt: at,
    updatedAt: at,
    ...(image
      ? {
          width: image.width,
          height: image.height,
          imageKey: `${folder}image.jpg`,
          thumbnailKey: `${folder}image.jpg`,
        }
      : {}),
    ...facts,
  };
  await stores.pages.create(page);
  await readPage({ services } as Paperlift, projectId, id, 1, lines);
  return id;
}

/** What the worker does with a page once its text is detected. */
export async function readPage(
  { services }: Paperlift,
  projectId: string,
  pageId: string,
  revision: number,
  lines: string[],
) {
  const { stores, blobs } = services;
  const detectionKey = `projects/${projectId}/pages/${pageId}/detection-${revision}.json`;
  await blobs.put(detectionKey, JSON.stringify(detectionOf(lines)), 'application/json');
  const claim = await stores.pages.claim({ projectId, pageId, revision }, 'test');
  if (claim.outcome !== 'claimed') throw new Error(claim.outcome);
  await stores.pages.finishReady(claim.item as unknown as Page, claim.lease, {
    detectionKey,
    text: lines.join('\n'),
    wordCount: lines.join(' ').split(' ').length,
    doubtfulCount: 0,
  });
}
