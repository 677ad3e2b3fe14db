// Pages that are added over HTTP and checked by the pixels of their images.
import sharp from 'sharp';
import type { Polygon } from '../../src/text/detected-text.ts';
import type { Paperlift } from './paperlift.ts';
import type { TurnedPage } from './turned-pages.ts';
import { waitFor } from './wait.ts';

export type Client = Awaited<ReturnType<Paperlift['signIn']>>;

/** A line as the API answers it. */
export interface ShownLine {
  id: string;
  text: string;
  corrected?: string;
  polygon: Polygon;
  words: { text: string; polygon: Polygon }[];
}

export const callAs =
  ({ agent, csrfToken }: Client) =>
  (method: 'get' | 'post' | 'patch' | 'put' | 'delete', path: string) =>
    agent[method](`/api/v1${path}`).set('x-csrf-token', csrfToken);

export async function addPage(client: Client, { jpeg }: Pick<TurnedPage, 'jpeg'>) {
  const call = callAs(client);
  const project = (await call('post', '/projects').send({ name: 'Any way up' })).body.id;
  const file = { filename: 'scan.jpg', contentType: 'image/jpeg' };
  const added = await call('post', `/projects/${project}/pages`).attach('files', jpeg, file);
  const path = `/projects/${project}/pages/${added.body.items[0].id}`;
  const read = async () => (await call('get', path)).body;
  const whenReady = () =>
    waitFor('the page to be read', async () =>
      (await read()).status === 'ready' ? await read() : undefined,
    );
  return { call, project, path, read, whenReady };
}

type Pixels = Awaited<ReturnType<typeof pixelsOf>>;
export const pixelsOf = (image: Buffer) =>
  sharp(image).greyscale().raw().toBuffer({ resolveWithObject: true });

/** How dark an image is inside a polygon, from 0 (white) to 1, leaving out its edge. */
export function inkIn({ data, info }: Pixels, polygon: Polygon): number {
  let dark = 0;
  const steps = 30;
  for (let across = 1; across < steps; across += 1)
    for (let down = 1; down < steps; down += 1) {
      const [u, v] = [across / steps, down / steps];
      const [p0, p1, p2, p3] = polygon;
      const x = (1 - v) * ((1 - u) * p0.x + u * p1.x) + v * ((1 - u) * p3.x + u * p2.x);
      const y = (1 - v) * ((1 - u) * p0.y + u * p1.y) + v * ((1 - u) * p3.y + u * p2.y);
      const at = Math.floor(y * info.height) * info.width + Math.floor(x * info.width);
      if ((data[at] ?? 255) < 128) dark += 1;
    }
  return dark / (steps - 1) ** 2;
}
