// Projects with many pages, written straight into the stores: no text detection is needed.
import sharp from 'sharp';
import { monotonicFactory, ulid } from 'ulid';
import type { Page } from '../../src/pages/page.ts';
import { localPersonId } from './local-people.ts';
import type { Paperlift } from './paperlift.ts';

type Stores = Pick<Paperlift, 'services' | 'standIns'>;

interface PileOptions {
  name?: string;
  count: number;
  /** Overrides of a page's attributes. */
  overridesOf?: (index: number) => Partial<Page>;
  /** JPEGs that the pages share, in turns. */
  images?: Buffer[];
}

/** A project of this person with that many pages, ready by default. */
export async function addPile(
  paperlift: Stores,
  email: string,
  { name = 'Pile', count, overridesOf = () => ({}), images = [] }: PileOptions,
) {
  const { stores, blobs, now } = paperlift.services;
  const ownerId = localPersonId(paperlift, email);
  const at = now().toISOString();
  const projectId = ulid();
  await stores.projects.create({
    id: projectId,
    name,
    organisationId: 'default',
    ownerId,
    ownerName: email,
    createdAt: at,
  });
  const jpegs = images.length > 0 ? images : [await drawSheet()];
  for (const [index, jpeg] of jpegs.entries()) {
    const thumbnail = await sharp(jpeg).resize(400, 400, { fit: 'inside' }).jpeg({ quality: 80 }).toBuffer();
    await blobs.put(imageKey(projectId, index), jpeg, 'image/jpeg');
    await blobs.put(thumbnailKey(projectId, index), thumbnail, 'image/jpeg');
  }
  const nextId = monotonicFactory(); // so that pages of the same place are in their order
  const pageIds = Array.from({ length: count }, () => nextId());
  for (let start = 0; start < count; start += 25) {
    const some = pageIds.slice(start, start + 25).map((id, offset) => {
      const index = start + offset;
      const image = index % jpegs.length;
      const text = `Receipt ${index + 1}\nHarbour Hotel, one night`;
      return stores.pages.create({
        id,
        projectId,
        position: (index + 1) * 1_000_000,
        status: 'ready',
        revision: 1,
        fileName: `scan-${index + 1}.jpg`,
        originalKey: imageKey(projectId, image),
        contentType: 'image/jpeg',
        sizeBytes: 1,
        sha256: 'x',
        rotation: 0,
        width: 600,
        height: 800,
        imageKey: imageKey(projectId, image),
        thumbnailKey: thumbnailKey(projectId, image),
        text,
        preview: text,
        wordCount: 6,
        doubtfulCount: 0,
        createdAt: at,
        updatedAt: at,
        ...overridesOf(index),
      } as Page);
    });
    await Promise.all(some);
  }
  return { projectId, pageIds, path: `/projects/${projectId}` };
}

const imageKey = (projectId: string, index: number) => `projects/${projectId}/shared/${index}.jpg`;
const thumbnailKey = (projectId: string, index: number) => `projects/${projectId}/shared/${index}-small.jpg`;

function drawSheet(): Promise<Buffer> {
  return sharp({ create: { width: 600, height: 800, channels: 3, background: '#fdfdf8' } })
    .composite([{ input: { text: { text: 'Receipt', dpi: 300 } }, left: 80, top: 90 }])
    .jpeg()
    .toBuffer();
}
