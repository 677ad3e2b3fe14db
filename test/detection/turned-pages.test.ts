// Pages that lie on their sides or upside down: once their text is read, image and text are turned together, whoever read
// it. The stub answers as Textract does; the other detector is Paperlift's own.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import sharp from 'sharp';
import { composeWorker } from '../../src/compose-worker.ts';
import type { Polygon } from '../../src/text/detected-text.ts';
import { type Paperlift, startPaperlift } from '../support/paperlift.ts';
import { addPage, type Client, callAs, inkIn, pixelsOf, type ShownLine } from '../support/shown-pages.ts';
import { drawTurnedPage, receipt, type TurnedPage } from '../support/turned-pages.ts';

const centreOf = (polygon: Polygon) => ({
  x: polygon.reduce((sum, { x }) => sum + x, 0) / 4,
  y: polygon.reduce((sum, { y }) => sum + y, 0) / 4,
});

describe('a page that was turned by its text', () => {
  let answer: TurnedPage;
  let byTextract: { paperlift: Paperlift; alice: Client };
  let byPaperlift: typeof byTextract;
  before(async () => {
    const start = async (textract: true | (() => TurnedPage['blocks'])) => {
      const paperlift = await startPaperlift({ worker: true, textract });
      return { paperlift, alice: await paperlift.signIn('alice@example.com') };
    };
    byTextract = await start(() => answer.blocks);
    byPaperlift = await start(true);
  });
  after(async () => {
    await byTextract.paperlift.stop();
    await byPaperlift.paperlift.stop();
  });

  for (const turned of [90, 180, 270] as const)
    test(`is shown upright after ${turned} degrees, the same by the API whether Textract or Paperlift read it`, async () => {
      answer = await drawTurnedPage(receipt, turned);
      const { upright } = answer;
      const seen = [];
      for (const { alice } of [byTextract, byPaperlift]) {
        const { call, path, whenReady } = await addPage(alice, answer);
        const page = await whenReady();
        assert.deepEqual([page.rotation, page.turnedFrom], [360 - turned, 0]);
        assert.deepEqual([page.width, page.height], [upright.width, upright.height]);
        const image = (await call('get', `${path}/image?rotation=${page.rotation}`).responseType('blob'))
          .body;
        const { width, height } = await sharp(image).metadata();
        assert.deepEqual([width, height], [upright.width, upright.height]);
        const thumbnail = (await call('get', `${path}/thumbnail`).responseType('blob')).body;
        const small = await sharp(thumbnail).metadata();
        assert.equal(small.width > small.height, upright.width > upright.height);
        const pixels = await pixelsOf(image);
        for (const word of (page.lines as ShownLine[]).flatMap(({ words }) => words))
          assert.ok(inkIn(pixels, word.polygon) > 0.08, `ink under ${word.text}`);
        seen.push(page);
      }
      const [textract, own] = seen.map(
        (page): { text: string; wordCount: number; lines: ShownLine[] } => page,
      );
      assert.ok(textract && own);
      assert.equal(textract.text, receipt.join('\n'));
      assert.equal(own.text, textract.text);
      assert.equal(own.wordCount, textract.wordCount);
      assert.deepEqual(
        own.lines.map(({ id }: ShownLine) => id),
        textract.lines.map(({ id }: ShownLine) => id),
      );
      for (const [index, line] of textract.lines.entries())
        for (const [place, word] of line.words.entries()) {
          const other = own.lines[index]?.words[place];
          const detected = upright.lines[index]?.words[place];
          assert.ok(other && detected);
          for (const polygon of [word.polygon, other.polygon]) {
            const [is, was] = [centreOf(polygon), centreOf(detected.polygon)];
            assert.ok(Math.abs(is.x - was.x) < 0.02 && Math.abs(is.y - was.y) < 0.02, word.text);
            assert.ok(polygon[1].x > polygon[0].x && polygon[2].y > polygon[1].y, 'along the text');
          }
        }
    });

  test('says so in the browser, and is turned back with one click; nothing is read again', async () => {
    answer = await drawTurnedPage(receipt, 180);
    const { alice } = byTextract;
    const { project, path, whenReady, read } = await addPage(alice, answer);
    const before = await whenReady();
    const { text: review } = await alice.agent.get(path);
    assert.match(review, /Turned automatically/);
    const form = /<form[^>]*id="turned-note"[^>]*action="([^"]+)">(.*?)<\/form>/s.exec(review);
    const fields = Object.fromEntries(
      [...(form?.[2] ?? '').matchAll(/name="(\w+)" value="([^"]*)"/g)].map(([, name, value]) => [
        name,
        value,
      ]),
    );
    const menu = (await alice.agent.get(`/projects/${project}`)).text;
    assert.match(menu, /value="undo-turn:\w+"[^>]*>Undo automatic turn/);
    const undone = await alice.agent
      .post(form?.[1] ?? '')
      .type('form')
      .send(fields)
      .redirects(0);
    assert.equal(undone.status, 303);
    const after = await read();
    assert.deepEqual([after.rotation, after.turnedFrom, after.text], [0, undefined, before.text]);
    assert.equal(after.revision, before.revision);
    assert.doesNotMatch((await alice.agent.get(path)).text, /Turned automatically/);
    assert.doesNotMatch((await alice.agent.get(`/projects/${project}`)).text, /undo-turn/);
    const carol = await byTextract.paperlift.signIn('carol@example.com');
    const { text: trail } = await carol.agent.get(`/admin/audit.csv?project=${project}`);
    assert.match(trail, /Paperlift,.*rotated page 1,.*to 180°, by its text/);
  });

  test('is turned back from its menu in the project; pages that people rotated stay', async () => {
    answer = await drawTurnedPage(receipt, 90);
    const { alice } = byTextract;
    const { project, path, whenReady, read } = await addPage(alice, answer);
    const { id } = await whenReady();
    const undo = () =>
      alice.agent
        .post(`/projects/${project}/batch`)
        .type('form')
        .send({ _csrf: alice.csrfToken, do: `undo-turn:${id}`, fragment: 'yes' });
    assert.equal((await undo()).body.said, '1 page turned back.');
    assert.deepEqual([(await read()).rotation, (await read()).turnedFrom], [0, undefined]);
    await callAs(alice)('patch', path).send({ rotation: 90 });
    assert.equal((await undo()).body.said, 'No automatic turn to undo.');
    assert.equal((await read()).rotation, 90);
  });

  test('is not turned when it has one word', async () => {
    answer = await drawTurnedPage(['Fragile'], 90);
    const { whenReady } = await addPage(byTextract.alice, answer);
    const page = await whenReady();
    assert.deepEqual([page.rotation, page.turnedFrom, page.text], [0, undefined, 'Fragile']);
  });
});

describe('a page that a person rotated', () => {
  let paperlift: Paperlift;
  let alice: Client;
  let answer: TurnedPage;
  let meanwhile = async () => {};
  before(async () => {
    paperlift = await startPaperlift({
      textract: async () => {
        await meanwhile();
        return answer.blocks;
      },
    });
    alice = await paperlift.signIn('alice@example.com');
    answer = await drawTurnedPage(receipt, 90);
  });
  after(() => paperlift.stop());

  async function readNow(pageId: string, project: string, revision = 1) {
    const worker = composeWorker(paperlift.services);
    const job = { projectId: project, pageId, revision };
    const outcome = await worker.handlers.pages(job, AbortSignal.timeout(60_000));
    await worker.stop(1000);
    assert.deepEqual(outcome, { done: true });
  }

  test('before it was read keeps that rotation, and its text reads in order', async () => {
    meanwhile = async () => {};
    const { call, project, path, read } = await addPage(alice, answer);
    await call('patch', path).send({ rotation: 90 });
    await call('patch', path).send({ rotation: 0 });
    const { id } = await read();
    await readNow(id, project);
    const page = await read();
    assert.deepEqual([page.status, page.rotation, page.turnedFrom], ['ready', 0, undefined]);
    assert.equal(page.text, receipt.join('\n'));
  });

  test('while it was being read keeps that rotation, too', async () => {
    const { call, project, path, read } = await addPage(alice, answer);
    const { id } = await read();
    meanwhile = async () => {
      assert.equal((await call('patch', path).send({ rotation: 180 })).status, 200);
    };
    await readNow(id, project);
    const page = await read();
    assert.deepEqual([page.status, page.rotation, page.turnedFrom], ['ready', 180, undefined]);
    assert.equal(page.text, receipt.join('\n'));
  });

  test('is turned by its text again once it has another image', async () => {
    meanwhile = async () => {};
    const { call, project, path, read } = await addPage(alice, answer);
    await call('patch', path).send({ rotation: 180 });
    const file = { filename: 'again.jpg', contentType: 'image/jpeg' };
    const other = (await drawTurnedPage(receipt, 90)).jpeg;
    assert.equal((await call('put', `${path}/image`).attach('files', other, file)).status, 200);
    await readNow((await read()).id, project, 2);
    assert.deepEqual([(await read()).rotation, (await read()).turnedFrom], [270, 0]);
  });
});
