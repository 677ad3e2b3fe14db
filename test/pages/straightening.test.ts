// A page whose lines are tilted is straightened: image, thumbnail, polygons and PDF at once, and back; it is not read again.
import assert from 'node:assert/strict';
import { rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, type TestContext, test } from 'node:test';
import sharp from 'sharp';
import type { Polygon } from '../../src/text/detected-text.ts';
import { assertReads, readByAll } from '../exports/pdf/pdf-reading.ts';
import { exportProject } from '../support/exports.ts';
import { type Paperlift, startPaperlift } from '../support/paperlift.ts';
import { addPage, type Client, callAs, inkIn, pixelsOf, type ShownLine } from '../support/shown-pages.ts';
import { drawTurnedPage, receipt, type TurnedPage } from '../support/turned-pages.ts';

let paperlift: Paperlift;
let alice: Client;
let answer: TurnedPage;
before(async () => {
  paperlift = await startPaperlift({ worker: true, textract: () => answer.blocks });
  alice = await paperlift.signIn('alice@example.com');
});
after(() => paperlift.stop());

async function addTilted(degrees: number) {
  answer = await drawTurnedPage(receipt, degrees);
  const added = await addPage(alice, answer);
  const page = await added.whenReady();
  return { ...added, page };
}

/** How far a polygon's upper edge is from level, in degrees. */
function tiltOf([p0, p1]: Polygon, { width, height }: { width: number; height: number }): number {
  return (Math.atan2((p1.y - p0.y) * height, (p1.x - p0.x) * width) * 180) / Math.PI;
}

async function assertInk(
  call: ReturnType<typeof callAs>,
  address: string,
  page: { lines: ShownLine[]; width: number; height: number; rotation: number; straightened: boolean },
) {
  const query = `?rotation=${page.rotation}&straightened=${page.straightened}`;
  const { body } = await call('get', `${address}/image${query}`).responseType('blob');
  const pixels = await pixelsOf(body);
  assert.deepEqual([pixels.info.width, pixels.info.height], [page.width, page.height]);
  for (const { text, polygon } of page.lines.flatMap(({ words }) => words))
    assert.ok(inkIn(pixels, polygon) > 0.08, `ink under ${text}`);
}

async function exportPdf(project: string, t: TestContext) {
  const { id, body } = await exportProject(callAs(alice), project, 'searchable-pdf');
  const file = path.join(tmpdir(), `${id}.pdf`);
  await writeFile(file, body);
  t.after(() => rm(file));
  return file;
}

describe('a tilted page', () => {
  for (const degrees of [3, -8.5, 92, 176.5])
    test(`after a turn by ${degrees} degrees is straightened with its text, and back`, async () => {
      const { call, path: address, page, read } = await addTilted(degrees);
      const tilt = degrees - Math.round(degrees / 90) * 90;
      assert.ok(Math.abs(page.tilt - tilt) < 0.02, `${page.tilt}`);
      assert.equal(page.straightened, false);
      await assertInk(call, address, page);
      const { body, status } = await call('patch', address).send({ straightened: true });
      assert.equal(status, 200);
      assert.deepEqual(
        [body.straightened, body.text, body.revision, body.rotation],
        [true, page.text, page.revision, page.rotation],
      );
      for (const line of body.lines as ShownLine[]) assert.ok(Math.abs(tiltOf(line.polygon, body)) < 0.05);
      await assertInk(call, address, body);
      await assertInk(call, address, page);
      const thumbnail = (await call('get', `${address}/thumbnail`).responseType('blob')).body;
      const small = await sharp(thumbnail).metadata();
      assert.ok(Math.abs(small.width / small.height - body.width / body.height) < 0.01);
      const undone = await call('patch', address).send({ straightened: false });
      assert.deepEqual(undone.body.lines, page.lines);
      assert.deepEqual(
        [undone.body.width, undone.body.height, (await read()).straightened],
        [page.width, page.height, false],
      );
    });

  test('keeps a line where it was drawn on the straightened image, and one where it was drawn before', async () => {
    const { call, path: address, page } = await addTilted(5);
    const add = async (polygon: Polygon, text: string) => {
      const { body } = await call('patch', address).send({ lines: [{ text, polygon }] });
      return body.lines.find(({ corrected }: ShownLine) => corrected === text) as ShownLine;
    };
    const find = async (text: string, straightened: boolean) => {
      const { body } = await call('patch', address).send({ straightened });
      return body.lines.find(({ corrected }: ShownLine) => corrected === text) as ShownLine;
    };
    const near = (one: Polygon, other: Polygon) => {
      for (const [at, { x, y }] of one.entries())
        assert.ok(Math.abs(x - (other[at]?.x ?? 9)) < 1e-4 && Math.abs(y - (other[at]?.y ?? 9)) < 1e-4);
    };
    const [total] = (page.lines as ShownLine[]).slice(-1);
    assert.ok(total);
    const before = await add(total.polygon, 'drawn before');
    const shown = await find('drawn before', true);
    assert.ok(Math.abs(tiltOf(shown.polygon, { width: 1, height: 1 })) < 0.2, 'level with the line below it');
    const box: Polygon = [
      { x: 0.3, y: 0.4 },
      { x: 0.6, y: 0.4 },
      { x: 0.6, y: 0.45 },
      { x: 0.3, y: 0.45 },
    ];
    near((await add(box, 'drawn on it')).polygon, box);
    near((await find('drawn before', false)).polygon, before.polygon);
    const tilted = await find('drawn on it', false);
    assert.ok(Math.abs(tiltOf(tilted.polygon, page) - 5) < 0.1, 'tilted with the image');
    near((await find('drawn on it', true)).polygon, box);
  });

  test('is offered, done and undone in the browser without script; the address of its images changes', async () => {
    const { project, path: address } = await addTilted(4);
    const press = async () => {
      const { text } = await alice.agent.get(address);
      const form = /action="([^"]+\/straighten)">(.*?)<\/form>/s.exec(text);
      const fields = [...(form?.[2] ?? '').matchAll(/name="(\w+)" value="([^"]*)"/g)];
      const label = /<button[^>]*id="straighten"[^>]*>([^<]+)/.exec(text)?.[1];
      const answer = await alice.agent
        .post(form?.[1] ?? '')
        .type('form')
        .send(Object.fromEntries(fields.map(([, name, value]) => [name, value])))
        .redirects(0);
      assert.equal(answer.status, 303);
      return { label, image: /src="([^"]+\/image[^"]+)"/.exec(text)?.[1] };
    };
    const first = await press();
    const second = await press();
    assert.deepEqual([first.label, second.label], ['Straighten', 'Undo straightening']);
    assert.doesNotMatch(first.image ?? '', /straightened/);
    assert.match(second.image ?? '', /rotation=0&amp;straightened=true&amp;tilt=4/);
    const batch = (action: string, ids: object) =>
      alice.agent
        .post(`/projects/${project}/batch`)
        .type('form')
        .send({ _csrf: alice.csrfToken, do: action, fragment: 'yes', ...ids });
    const page = address.split('/').at(-1);
    assert.equal((await batch('straighten', { page })).body.said, '1 page straightened.');
    assert.match(
      (await alice.agent.get(`/projects/${project}`)).text,
      /thumbnail\?r=1&amp;rotation=0&amp;straightened=true/,
    );
    assert.equal((await batch(`undo-straighten:${page}`, {})).body.said, 'Straightening undone on 1 page.');
    const undo = { _csrf: alice.csrfToken, revision: 1, do: 'undo' };
    await alice.agent.post(`${address}/review`).type('form').send(undo).redirects(0);
    assert.equal((await callAs(alice)('get', address)).body.straightened, true, 'undone as any step');
  });

  for (const degrees of [92.5, 180])
    test(`prints its words over the ink after a turn by ${degrees} degrees`, async (t) => {
      const { call, project, path: address, page } = await addTilted(degrees);
      const shown = page.tilt ? (await call('patch', address).send({ straightened: true })).body : page;
      await assertInk(call, address, shown);
      for (const reading of await readByAll(t, await exportPdf(project, t))) assertReads(reading, [shown]);
    });
});

test('a page that is level, or tilted on purpose, is not offered to be straightened', async () => {
  for (const degrees of [0, 0.25, 16]) {
    const { call, path: address, page } = await addTilted(degrees);
    assert.equal(page.tilt, undefined, String(degrees));
    const refused = await call('patch', address).send({ straightened: true });
    assert.deepEqual([refused.status, refused.body.code], [409, 'no-tilt']);
    assert.equal((await call('patch', address).send({ straightened: false })).status, 200);
    assert.doesNotMatch((await alice.agent.get(address)).text, /id="straighten"/);
  }
});
