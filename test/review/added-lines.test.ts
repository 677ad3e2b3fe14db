// Lines that people add by hand, over HTTP: in the API, by forms, in search and exports, with undo, and for two at once.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { ulid } from 'ulid';
import { exportProject } from '../support/exports.ts';
import { type Paperlift, startPaperlift } from '../support/paperlift.ts';
import { addReadProject } from '../support/read-pages.ts';
import { callAs } from '../support/shown-pages.ts';

type Client = Awaited<ReturnType<Paperlift['signIn']>>;
let paperlift: Paperlift;
let alice: Client;
let carol: Client;
before(async () => {
  paperlift = await startPaperlift({ worker: true, textract: ['never read'] });
  [alice, carol] = await Promise.all([
    paperlift.signIn('alice@example.com'),
    paperlift.signIn('carol@example.com'),
  ]);
});
after(() => paperlift.stop());

const box = (left: number, top: number, right: number, bottom: number) => [
  { x: left, y: top },
  { x: right, y: top },
  { x: right, y: bottom },
  { x: left, y: bottom },
];

async function addPage(drawn = ['Total 12.50', 'Thank you']) {
  const { pageIds, path, projectId } = await addReadProject(paperlift, 'alice@example.com', [drawn]);
  const page = `${path}/pages/${pageIds[0]}`;
  const patch = (body: object, { agent, csrfToken } = alice) =>
    agent.patch(`/api/v1${page}`).set('x-csrf-token', csrfToken).send(body);
  const post = (body: Record<string, string>, { agent, csrfToken } = alice) =>
    agent
      .post(`${page}/review`)
      .redirects(0)
      .type('form')
      .send({ _csrf: csrfToken, revision: '1', ...body });
  const read = async () => (await alice.agent.get(`/api/v1${page}`)).body;
  return { page, path, projectId, patch, post, read };
}

test('a line is added where it was drawn: in the text, the counts, the search and the exports; it is moved and removed', async () => {
  const { patch, read, projectId } = await addPage();
  const before = await read();
  const top = before.lines[0].polygon[3].y + 0.01;
  const polygon = box(0.1, top, 0.5, top + 0.03);
  const { status, body } = await patch({ lines: [{ text: 'Quokka Street 7', polygon }] });
  assert.equal(status, 200);
  assert.equal(body.text, 'Total 12.50\nQuokka Street 7\nThank you');
  assert.equal(body.wordCount, before.wordCount + 3);
  const line = body.lines[1];
  assert.deepEqual(
    [line.text, line.corrected, line.added, line.confidence],
    ['', 'Quokka Street 7', true, 100],
  );
  assert.match(line.id, /^m[0-9A-Z]{26}$/);
  assert.deepEqual(
    line.polygon.map(({ x, y }: { x: number; y: number }) => [x.toFixed(3), y.toFixed(3)]),
    polygon.map(({ x, y }) => [x.toFixed(3), y.toFixed(3)]),
  );
  assert.deepEqual(
    line.words.map(({ text }: { text: string }) => text),
    ['Quokka', 'Street', '7'],
  );
  assert.ok(line.words[0].polygon[1].x < line.words[1].polygon[0].x, 'words share the box in their order');

  const found = await alice.agent.get('/api/v1/search?q=quokka');
  assert.equal(found.body.items.length, 1);
  const exported = await exportProject(callAs(alice), projectId, 'txt');
  assert.match(exported.body.toString(), /Quokka Street 7\nThank you/);

  const moved = await patch({ lines: [{ id: line.id, polygon: box(0.1, 0.9, 0.5, 0.95) }] });
  assert.equal(moved.body.text, 'Total 12.50\nThank you\nQuokka Street 7');
  const written = await patch({ lines: [{ id: line.id, text: 'Quokka Street 8', seen: 'Quokka Street 7' }] });
  assert.equal(written.body.lines[2].corrected, 'Quokka Street 8');
  const removed = await patch({ lines: [{ id: line.id, text: null }] });
  assert.deepEqual([removed.body.text, removed.body.lines.length], [before.text, 2]);
  assert.equal((await alice.agent.get('/api/v1/search?q=quokka')).body.items.length, 0);
});

test('undo takes back adding, moving and removing, each by whoever did it', async () => {
  const { patch, post, read } = await addPage();
  const added = (await patch({ lines: [{ text: 'By hand', polygon: box(0.1, 0.9, 0.5, 0.95) }] })).body;
  const { id, polygon } = added.lines[2];
  await patch({ lines: [{ id, polygon: box(0.2, 0.8, 0.6, 0.85) }] });
  await patch({ lines: [{ id, text: '' }] });
  const undo = () => post({ do: 'undo' });
  assert.equal((await read()).lines.length, 2);
  assert.equal((await post({ do: 'undo', fragment: 'yes' }, carol)).body.code, 'nothing-to-undo');
  await undo();
  assert.equal((await read()).lines[2].corrected, 'By hand');
  await undo();
  assert.deepEqual((await read()).lines[2].polygon, polygon);
  await undo();
  assert.equal((await read()).lines.length, 2);
});

test('a line that is sent twice is added once; one without a box comes last, also on a page without text', async () => {
  const { post, read, page } = await addPage([]);
  assert.match((await alice.agent.get(page)).text, /No text was found[\s\S]*id="add-line"/);
  const form = (await alice.agent.get(`${page}?add=yes`)).text;
  const line = /name="line" value="(m\w{26})"/.exec(form)?.[1] as string;
  for (const _ of [1, 2]) {
    const sent = await post({ do: 'save', line, seen: '', text: ' Blank after all ' });
    assert.deepEqual([sent.status, sent.headers.location], [303, `${page}?notice=saved#line-1`]);
  }
  const { lines, text, wordCount } = await read();
  assert.deepEqual([lines.length, text, wordCount], [1, 'Blank after all', 3]);
  const last = await post({ do: 'save', line: `m${ulid()}`, seen: '', text: 'The end' });
  assert.equal(last.headers.location, `${page}?notice=saved#line-2`);
  assert.ok((await read()).lines[1].polygon[0].y > lines[0].polygon[3].y, 'below the first one');
  assert.match((await alice.agent.get(page)).text, /class="line is-corrected is-added"[^>]*id="line-1"/);
});

test('a box that was drawn before the page was rotated lies where it was drawn', async () => {
  const { patch, post, read } = await addPage();
  await patch({ rotation: 90 });
  const drawn = box(0.1, 0.8, 0.3, 0.85);
  const line = `m${ulid()}`;
  await post({ do: 'save', line, seen: '', text: 'Turned', polygon: JSON.stringify(drawn), rotation: '0' });
  const { lines } = await read();
  const found = lines.find(({ id }: { id: string }) => id === line);
  assert.deepEqual(
    found.polygon.map(({ x, y }: { x: number; y: number }) => [x.toFixed(2), y.toFixed(2)]),
    drawn.map(({ x, y }) => [(1 - y).toFixed(2), x.toFixed(2)]),
  );
  const back = (await patch({ rotation: 0 })).body.lines.find(({ id }: { id: string }) => id === line);
  assert.equal(back.polygon[0].x.toFixed(2), '0.10');
});

test('two people at one added line choose between both versions, also when one of them removed it', async () => {
  const { patch, post, read } = await addPage();
  const polygon = box(0.1, 0.9, 0.5, 0.95);
  const { id } = (await patch({ lines: [{ text: 'First', polygon }] })).body.lines[2];
  await patch({ lines: [{ id, text: 'Theirs', seen: 'First' }] }, carol);
  const told = await patch({ lines: [{ id, text: 'Mine', seen: 'First' }] });
  assert.deepEqual([told.status, told.body.conflicts], [409, [{ id, text: 'Theirs', wanted: 'Mine' }]]);
  await patch({ lines: [{ id, text: null }] }, carol);
  const json = JSON.stringify(polygon);
  const gone = await post({ do: 'save', line: id, seen: 'Theirs', text: 'Mine', polygon: json });
  assert.equal(gone.status, 409);
  assert.match(gone.text, /\(removed\)<\/dd>[\s\S]*<dd dir="auto">Mine<\/dd>/);
  assert.equal((await read()).lines.length, 2);
  const saved = await post({ do: 'word', line: id, seen: '', text: 'Mine', polygon: json });
  assert.equal(saved.status, 303);
  assert.equal((await read()).lines[2].corrected, 'Mine');
});

test('what is no line, no box, or a box for a detected line is refused, and changes nothing', async () => {
  const { patch, post, read } = await addPage();
  const before = await read();
  const flat = box(0.1, 0.1, 0.1, 0.5);
  for (const [line, code] of [
    [{ text: 'x', polygon: flat }, 'input-invalid'],
    [{ text: 'x', polygon: box(-1, 0, 0.5, 0.5) }, 'input-invalid'],
    [{ text: 'x', polygon: [] }, 'input-invalid'],
    [{ id: 'l1', polygon: box(0, 0, 1, 1) }, 'line-not-added'],
    [{ id: 'm1', text: 'x' }, 'line-unknown'],
    [{ polygon: box(0, 0, 1, 1) }, 'input-invalid'],
  ] as const) {
    const { status, body } = await patch({ lines: [line] });
    assert.deepEqual([status, body.code], [400, code], JSON.stringify(line));
  }
  for (const polygon of ['{', '[]', JSON.stringify(flat)])
    assert.equal((await post({ do: 'save', line: `m${ulid()}`, seen: '', text: 'x', polygon })).status, 400);
  assert.deepEqual(await read(), before);
  const many = Array.from({ length: 1000 }, (_, index) => ({ text: `line ${index}` }));
  const { status, body } = await patch({ lines: many });
  assert.deepEqual([status, body.code], [413, 'review-too-large']);
});
