// A page that is rotated: image, thumbnail, size and polygons turn together, and the page is not read again.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import sharp from 'sharp';
import { showPolygon, storePolygon, viewOf } from '../../src/pages/page-view.ts';
import { degreesOf, withShownSize } from '../../src/pages/turning.ts';
import { normalizeRotation, type Rotation, turnPolygon } from '../../src/text/rotated-polygons.ts';
import { exportProject } from '../support/exports.ts';
import { type Paperlift, startPaperlift } from '../support/paperlift.ts';
import { callAs } from '../support/shown-pages.ts';
import { waitFor } from '../support/wait.ts';

describe('geometry', () => {
  const polygon = [
    { x: 0.1, y: 0.2 },
    { x: 0.4, y: 0.2 },
    { x: 0.4, y: 0.3 },
    { x: 0.1, y: 0.3 },
  ] as Parameters<typeof turnPolygon>[0];

  test('corners keep the order of the text, from its top left', () => {
    const near = (turn: Rotation) =>
      turnPolygon(polygon, turn).map(({ x, y }) => [Number(x.toFixed(3)), Number(y.toFixed(3))]);
    assert.deepEqual(near(90).slice(0, 2), [
      [0.8, 0.1],
      [0.8, 0.4],
    ]);
    assert.deepEqual(near(180)[0], [0.9, 0.8]);
    assert.deepEqual(near(270)[0], [0.2, 0.9]);
    const around = turnPolygon(turnPolygon(polygon, 90), 270);
    assert.deepEqual(
      around.map(({ x }) => x.toFixed(9)),
      polygon.map(({ x }) => x.toFixed(9)),
    );
  });

  test('a page is turned by what its rotation differs from that of its prepared image', () => {
    assert.equal(degreesOf({ rotation: 0, preparedRotation: 90 }), 270);
    assert.equal(degreesOf({ rotation: 180 }), 0, 'one that was prepared at its rotation');
    assert.deepEqual([-90, 360, 450].map(normalizeRotation), [270, 0, 90]);
  });
});

describe('a straightened page', () => {
  const stored = { rotation: 90, preparedRotation: 0, tilt: 3, straightened: 3, width: 800, height: 1200 };
  const page = withShownSize(stored);
  const polygon = [
    { x: 0.1, y: 0.2 },
    { x: 0.4, y: 0.25 },
    { x: 0.4, y: 0.3 },
    { x: 0.1, y: 0.25 },
  ] as Parameters<typeof turnPolygon>[0];

  test('is shown on a canvas that holds all of it', () => {
    assert.deepEqual([page.width, page.height], [1240, 862]);
    assert.deepEqual(viewOf(page), { degrees: 87, prepared: { width: 800, height: 1200 } });
    const whole = [0, 1, 2, 3].map((at) => ({ x: at % 3 === 0 ? 0 : 1, y: at < 2 ? 0 : 1 }));
    for (const { x, y } of showPolygon(whole as typeof polygon, viewOf(page)))
      assert.ok(x > -0.001 && x < 1.001 && y > -0.001 && y < 1.001);
  });

  test('keeps a polygon that was drawn on it, and on it before, where it was drawn', () => {
    for (const as of [{}, { straightened: false }, { rotation: 0, straightened: true }] as const) {
      const view = viewOf(page, as);
      const back = storePolygon(showPolygon(polygon, view), view);
      for (const [at, { x, y }] of back.entries()) {
        assert.ok(Math.abs(x - (polygon[at]?.x ?? 9)) < 1e-9);
        assert.ok(Math.abs(y - (polygon[at]?.y ?? 9)) < 1e-9);
      }
    }
  });
});

describe('over HTTP', () => {
  let paperlift: Paperlift;
  let alice: Awaited<ReturnType<Paperlift['signIn']>>;
  before(async () => {
    paperlift = await startPaperlift({ worker: true, textract: ['Total 12.50', 'Thank you'] });
    alice = await paperlift.signIn('alice@example.com');
  });
  after(() => paperlift.stop());

  const call = (...[method, path]: Parameters<ReturnType<typeof callAs>>) => callAs(alice)(method, path);

  /** White, with a red top left quarter. */
  const drawSheet = () =>
    sharp({ create: { width: 400, height: 600, channels: 3, background: '#fff' } })
      .composite([
        {
          input: { create: { width: 200, height: 300, channels: 3, background: '#f00' } },
          left: 0,
          top: 0,
        },
      ])
      .jpeg()
      .toBuffer();

  async function addPage() {
    const project = (await call('post', '/projects').send({ name: 'Sideways' })).body.id;
    const image = { filename: 'a.jpg', contentType: 'image/jpeg' };
    const added = await call('post', `/projects/${project}/pages`).attach('files', await drawSheet(), image);
    const path = `/projects/${project}/pages/${added.body.items[0].id}`;
    const read = async () => (await call('get', path)).body;
    await waitFor('the page to be read', async () => ((await read()).status === 'ready' ? true : undefined));
    return { project, path, read };
  }

  /** Which quarter of an image is red, and how large the image is. */
  async function look(path: string, query = '') {
    const { body } = await call('get', `${path}${query}`).responseType('blob');
    const { width, height } = await sharp(body).metadata();
    const isRed = async (left: number, top: number) => {
      const place = { left: Math.round(width * left), top: Math.round(height * top), width: 4, height: 4 };
      const [, green] = await sharp(body).extract(place).raw().toBuffer();
      return (green ?? 255) < 100;
    };
    const corners = { 'top left': [0.2, 0.2], 'top right': [0.8, 0.2], 'bottom right': [0.8, 0.8] } as const;
    for (const [name, [x, y]] of Object.entries(corners)) if (await isRed(x, y)) return [name, width, height];
    return ['bottom left', width, height];
  }

  test('the image, its thumbnail, the size and the polygons turn at once, and turn back; nothing is read again', async () => {
    const { path, read, project } = await addPage();
    const before = await read();
    assert.deepEqual(await look(`${path}/image`), ['top left', 400, 600]);
    await call('patch', path).send({ lines: [{ id: 'l1', text: 'Total 12.55' }], reviewed: true });
    const { body, status } = await call('patch', path).send({ rotation: 270 });
    assert.equal(status, 200);
    assert.deepEqual(
      [body.status, body.rotation, body.revision, body.width, body.height, body.text],
      ['ready', 270, before.revision, 600, 400, 'Total 12.55\nThank you'],
    );
    assert.equal(body.reviewedBy, 'Alice Archer');
    const [topLeft] = before.lines[1].polygon;
    assert.deepEqual(body.lines[1].polygon[0], { x: topLeft.y, y: 1 - topLeft.x });
    assert.deepEqual(await look(`${path}/image`), ['bottom left', 600, 400]);
    assert.deepEqual(await look(`${path}/thumbnail`), ['bottom left', 480, 320]);
    assert.deepEqual(
      await look(`${path}/image`, '?rotation=0'),
      ['top left', 400, 600],
      'for who read it before',
    );
    assert.equal((await call('get', `${path}/image?rotation=45`)).status, 400);

    assert.equal((await call('patch', path).send({ rotation: 90 })).status, 200);
    assert.deepEqual(await look(`${path}/image`), ['top right', 600, 400]);
    await call('patch', path).send({ rotation: 0 });
    const back = await read();
    assert.deepEqual([back.lines[1], back.width], [before.lines[1], 400]);
    const stored = await paperlift.services.stores.pages.find(project, before.id);
    assert.match(stored?.imageKey ?? '', /\/r1\/a1\/image\.jpg$/);
    await assert.rejects(
      paperlift.services.blobs.open((stored?.imageKey ?? '').replace('.jpg', '-270.jpg')),
      { name: 'NoSuchKey' },
      'what nobody shows any more is deleted',
    );
  });

  test('many who look at once, and turn it meanwhile, see an image that goes with its polygons', async () => {
    const { path } = await addPage();
    const rotations = [90, 180, 270, 0] as const;
    const corners = { 0: 'top left', 90: 'top right', 180: 'bottom right', 270: 'bottom left' };
    const look1 = async (rotation: keyof typeof corners) => {
      const { body, status } = await call('patch', path).send({ rotation });
      assert.equal(status, 200);
      const [corner, width, height] = await look(`${path}/image`, `?rotation=${body.rotation}`);
      assert.deepEqual([corner, width, height], [corners[rotation], body.width, body.height]);
    };
    await Promise.all([...rotations, ...rotations].map(look1));
  });

  test('exports show the page turned; one that was made before says that it is out of date', async () => {
    const { path, project, read } = await addPage();
    const exported = async () => {
      const { id, body } = await exportProject(call, project, 'json');
      return { id, file: JSON.parse(body.toString()) };
    };
    const before = await exported();
    await call('patch', path).send({ rotation: 180 });
    const shown = (await alice.agent.get(`/projects/${project}`)).text;
    assert.doesNotMatch(shown, /project as it is now|up to date/, 'out of date');
    const after = await exported();
    assert.notEqual(after.id, before.id);
    const { lines } = await read();
    assert.deepEqual(after.file.pages[0].lines, lines);
    assert.notDeepEqual(before.file.pages[0].lines, lines);
  });

  test('the trail says which page was rotated', async () => {
    const { path, project } = await addPage();
    await call('patch', path).send({ rotation: 90 });
    const carol = await paperlift.signIn('carol@example.com');
    const { text } = await carol.agent.get(`/admin/audit.csv?project=${project}`);
    const trail = (await carol.agent.get(`/admin/audit?project=${project}`)).text.replace(/<[^>]*>/g, '');
    assert.match(trail, /rotated page 1/);
    assert.match(text, /rotated page 1,.*to 90°/);
  });
});
