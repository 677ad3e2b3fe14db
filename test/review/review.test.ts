// Reviewing over HTTP: what the API and the forms change, what they refuse, and what two people at once get.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type request from 'supertest';
import { type Paperlift, startPaperlift } from '../support/paperlift.ts';
import { addReadProject } from '../support/read-pages.ts';

const lines = ['Total~Tota1 l2.50~', 'Ipoh~lpoh Road', 'Thank you'];

let paperlift: Paperlift;
let alice: Client;
let carol: Client;
type Client = { agent: ReturnType<typeof request.agent>; csrfToken: string };

before(async () => {
  paperlift = await startPaperlift();
  [alice, carol] = await Promise.all([
    paperlift.signIn('alice@example.com'),
    paperlift.signIn('carol@example.com'),
  ]);
});
after(() => paperlift.stop());

async function addPage(drawn: string[] = lines) {
  const { projectId, pageIds, path } = await addReadProject(paperlift, 'alice@example.com', [drawn]);
  const page = `${path}/pages/${pageIds[0]}`;
  const api = `/api/v1${page}`;
  return {
    page,
    list: `/api/v1${path}/pages`,
    read: async () => (await alice.agent.get(api)).body,
    stored: () => paperlift.services.stores.pages.findWithText(projectId, pageIds[0] as string),
    patch: (body: object, { agent, csrfToken } = alice) =>
      agent.patch(api).set('x-csrf-token', csrfToken).send(body),
    post: (body: Record<string, string>, { agent, csrfToken } = alice, form = 'review') =>
      agent
        .post(`${page}/${form}`)
        .redirects(0)
        .type('form')
        .send({ _csrf: csrfToken, revision: '1', ...body }),
  };
}

test('a correction is the text, the preview, the words and the counts; the detection stays beside it', async () => {
  const { patch, list, stored } = await addPage();
  const { body, status } = await patch({
    lines: [{ id: 'l1', text: 'Total 12.50', seen: 'Tota1 l2.50' }],
    words: [{ id: 'l2.1', accepted: true }],
  });
  assert.equal(status, 200);
  assert.deepEqual(
    body.lines[0].words.map(({ polygon: _, ...word }: { polygon: unknown }) => word),
    [
      { text: 'Total', confidence: 100, detected: 'Tota1' },
      { text: '12.50', confidence: 100, detected: 'l2.50' },
    ],
  );
  assert.deepEqual([body.lines[0].text, body.lines[0].corrected], ['Tota1 l2.50', 'Total 12.50']);
  assert.equal(body.lines[1].words[0].accepted, true);
  assert.equal(body.text, 'Total 12.50\nlpoh Road\nThank you');
  const { items } = (await alice.agent.get(list)).body;
  assert.deepEqual([items[0].preview, items[0].doubtfulCount, items[0].wordCount], [body.text, 0, 6]);
  assert.equal((await stored())?.text, body.text);
});

test('a page is marked as reviewed by somebody, and not any more; while it is, no word is to check', async () => {
  const { patch, list } = await addPage();
  const marked = (await patch({ reviewed: true })).body;
  assert.deepEqual([marked.reviewedBy, marked.doubtfulCount], ['Alice Archer', 0]);
  const { items } = (await alice.agent.get(list)).body;
  assert.deepEqual([items[0].reviewedAt, items[0].doubtfulCount], [marked.reviewedAt, 0]);
  const corrected = (await patch({ lines: [{ id: 'l2', text: 'Ipoh Road' }] }, carol)).body;
  assert.deepEqual([corrected.reviewedBy, corrected.reviewedAt], ['Alice Archer', marked.reviewedAt]);
  const open = (await patch({ reviewed: false })).body;
  assert.deepEqual([open.reviewedAt, open.doubtfulCount], [undefined, 2]);
});

test('marking a page with unchecked words as reviewed asks first, and says how many there are', async () => {
  const { post, read } = await addPage(['Total~ 12.50~', 'Thank you']);
  const asked = await post({ do: 'reviewed' });
  assert.equal(asked.status, 409);
  assert.match(asked.text, /2 words are<\/span> still unchecked/);
  assert.equal((await read()).reviewedAt, undefined);
  assert.equal((await post({ do: 'reviewed', confirmed: 'yes' })).status, 303);
  assert.ok((await read()).reviewedAt);
  const { post: postOther } = await addPage(['Thank you']);
  assert.equal((await postOther({ do: 'reviewed' })).status, 303, 'nothing is left to check');
  const trail = (await carol.agent.get(`/admin/audit?person=${await personIdOf(alice)}`)).text;
  assert.doesNotMatch(trail, /failed/, 'a question is no change');
});

test('the second to change a line is told how it reads now, and nothing of what was sent is written', async () => {
  const { patch, read } = await addPage();
  await patch({ lines: [{ id: 'l1', text: 'Total 12.50', seen: 'Tota1 l2.50' }] }, carol);
  const { status, body } = await patch({
    lines: [
      { id: 'l1', text: 'Total 12,50', seen: 'Tota1 l2.50' },
      { id: 'l2', text: 'Ipoh Road' },
    ],
    reviewed: true,
  });
  assert.deepEqual([status, body.code], [409, 'line-changed']);
  assert.deepEqual(body.conflicts, [{ id: 'l1', text: 'Total 12.50', wanted: 'Total 12,50' }]);
  const page = await read();
  assert.deepEqual([page.lines[1].corrected, page.reviewedAt], [undefined, undefined]);
  const again = await patch({ lines: [{ id: 'l1', text: 'Total 12,50', seen: 'Total 12.50' }] });
  assert.equal(again.body.lines[0].corrected, 'Total 12,50');
});

test('changes of different lines at the same moment are all kept', async () => {
  const many = Array.from({ length: 12 }, (_, index) => `line~lime ${index}`);
  const { patch, stored } = await addPage(many);
  const answers = await Promise.all(
    many.map((_, index) =>
      patch(
        { lines: [{ id: `l${index + 1}`, text: `line ${index}`, seen: `lime ${index}` }] },
        index % 2 ? alice : carol,
      ),
    ),
  );
  assert.deepEqual(new Set(answers.map(({ status }) => status)), new Set([200]));
  const page = await stored();
  assert.equal(page?.text, many.map((_, index) => `line ${index}`).join('\n'));
  assert.deepEqual([Object.keys(page?.corrections ?? {}).length, page?.doubtfulCount], [12, 0]);
});

test('what is meant for another image than the page has by now is refused', async () => {
  const { patch, post } = await addPage();
  assert.equal((await patch({ revision: 2, lines: [{ id: 'l1', text: 'x' }] })).body.code, 'page-changed');
  assert.equal((await patch({ revision: 1 })).status, 400, 'a revision alone is no change');
  assert.equal((await post({ revision: '2', do: 'word', line: 'l1', text: 'x' })).status, 409);
});

test('every change is in the trail, without what was written', async () => {
  const { patch, post } = await addPage();
  await patch({
    lines: [{ id: 'l2', text: 'Secret Road' }],
    words: [{ id: 'l1.1', accepted: true }],
    reviewed: true,
  });
  await post({ do: 'undo' });
  const { text } = await carol.agent.get(`/admin/audit?person=${await personIdOf(alice)}`);
  assert.match(text, /corrected line 2; accepted line 1 word 1; marked as reviewed/);
  assert.match(text, /undid a change on <a/);
  assert.doesNotMatch(text, /Secret Road/);
});

async function personIdOf({ agent, csrfToken }: Client): Promise<string> {
  const made = await agent.post('/api/v1/projects').set('x-csrf-token', csrfToken).send({ name: 'Mine' });
  return (await paperlift.services.stores.projects.find(made.body.id))?.ownerId ?? '';
}

test('forms alone: a line is saved, a word accepted, the last step undone, the page marked', async () => {
  const { page, post, read } = await addPage();
  const form = (await alice.agent.get(`${page}?edit=l1`)).text;
  assert.match(form, /name="seen" value="Tota1 l2.50"/);
  assert.match(form, /Detected: <q dir="auto">Tota1 l2.50<\/q>/);
  const saved = await post({ do: 'save', line: 'l1', seen: 'Tota1 l2.50', text: ' Total 12.50 ' });
  assert.deepEqual([saved.status, saved.headers.location], [303, `${page}?notice=saved#line-1`]);
  const accepted = await post({
    accept: 'l2.1',
    do: 'save',
    line: 'l2',
    seen: 'lpoh Road',
    text: 'typed, not meant',
  });
  assert.equal(accepted.headers.location, `${page}?notice=accepted#line-2`);
  const now = await read();
  assert.deepEqual([now.text, now.doubtfulCount], ['Total 12.50\nlpoh Road\nThank you', 0]);
  await post({ do: 'undo' });
  assert.equal((await read()).doubtfulCount, 1);
  assert.match((await alice.agent.get(`${page}?notice=undone`)).text, /role="status">Undone\./);
  await post({ do: 'as-detected', line: 'l1', seen: 'Total 12.50' });
  assert.equal((await read()).lines[0].corrected, undefined);
  await post({ do: 'reviewed', confirmed: 'yes' });
  const shown = (await alice.agent.get(page)).text;
  assert.match(shown, /by Alice Archer/);
  assert.match((await alice.agent.get(page.replace(/\/pages\/.*/, ''))).text, /pill-good[^>]*>reviewed</);
  await post({ do: 'not-reviewed' });
  assert.equal((await read()).reviewedAt, undefined);
});

test('forms alone: the second of two people sees both versions and chooses', async () => {
  const { post, read } = await addPage();
  await post({ do: 'word', line: 'l1', seen: 'Tota1 l2.50', text: 'Theirs' }, carol);
  const told = await post({ do: 'save', line: 'l1', seen: 'Tota1 l2.50', text: 'Mine' });
  assert.equal(told.status, 409);
  assert.match(told.text, /<dd dir="auto">Theirs<\/dd>[\s\S]*<dd dir="auto">Mine<\/dd>/);
  assert.match(told.text, /name="seen" value="Theirs"/);
  assert.equal((await post({ do: 'keep', line: 'l1', seen: 'Theirs', text: 'Mine' })).status, 303);
  assert.equal((await read()).lines[0].corrected, 'Theirs');
  await post({ do: 'word', line: 'l1', seen: 'Theirs', text: 'Mine' });
  assert.equal((await read()).lines[0].corrected, 'Mine');
});

test('script gets the changed lines alone, their boxes, and what is left', async () => {
  const { post } = await addPage();
  const { text } = await post({
    fragment: 'yes',
    do: 'word',
    line: 'l1',
    seen: 'Tota1 l2.50',
    text: 'Total l2.50',
  });
  assert.match(text, /id="line-1"/);
  assert.doesNotMatch(text, /id="line-2"|<html/);
  assert.equal(text.match(/<polygon/g)?.length, 2);
  assert.match(text, /data-here="2"/);
  const undone = await post({ fragment: 'yes', do: 'undo' });
  assert.match(undone.text, /id="line-1"[\s\S]*data-can-undo|data-can-undo="false"[\s\S]*id="line-1"/);
  const nothing = await post({ fragment: 'yes', do: 'undo' });
  assert.deepEqual([nothing.status, nothing.body.code], [409, 'nothing-to-undo']);
});

test('rotating asks nothing and costs nothing: corrections, acceptances and the mark stay, and it is undone', async () => {
  const { post, stored, read, page } = await addPage();
  await post({ do: 'word', line: 'l1', text: 'Total 12.50' });
  await post({ accept: 'l2.1' });
  await post({ do: 'reviewed' });
  const before = await stored();
  const lines = (await read()).lines;
  const turned = await post({ rotation: '90' }, alice, 'rotate');
  assert.deepEqual([turned.status, turned.headers.location], [303, page]);
  const after = await stored();
  const kept = (found: typeof before) => [
    found?.revision,
    found?.status,
    found?.corrections,
    found?.accepted,
    found?.reviewedAt,
    found?.text,
  ];
  assert.deepEqual(kept(after), kept(before));
  assert.deepEqual([after?.rotation, after?.width, after?.height], [90, before?.height, before?.width]);
  const [{ x, y }] = lines[0].words[0].polygon;
  assert.deepEqual((await read()).lines[0].words[0].polygon[0], { x: 1 - y, y: x });
  await post({ do: 'undo' }, carol);
  assert.equal((await stored())?.rotation, 90, 'it is not hers to undo');
  const undone = await post({ do: 'undo', fragment: 'yes' });
  assert.match(undone.text, /data-rotation="0"/);
  assert.deepEqual((await read()).lines, lines);
});

test('script gets the turned image with its boxes alone', async () => {
  const { post, page } = await addPage();
  const { text } = await post({ rotation: '270', fragment: 'yes' }, alice, 'rotate');
  assert.match(text, /id="scan" data-rotation="270"[\s\S]*image\?r=1&amp;rotation=270/);
  assert.equal(text.match(/<polygon/g)?.length, 6);
  assert.doesNotMatch(text, /<html|id="line-1"/);
  const shown = await alice.agent.get(page);
  assert.match(shown.text, /name="rotation" value="180"[\s\S]*name="rotation" value="0"/);
});

test('every unsure word of a page is accepted by one call, and unsure again by one undo', async () => {
  const { patch, read, post } = await addPage([...lines, 'Signed~ —~ Bob^']);
  assert.equal((await patch({ words: [{ id: 'l2.1', accepted: true }] })).body.doubtfulCount, 4);
  const accepted = await patch({ accepted: true });
  assert.deepEqual([accepted.status, accepted.body.doubtfulCount], [200, 0]);
  assert.equal((await patch({ accepted: true })).status, 200, 'nothing is left to accept');
  assert.equal((await patch({ accepted: false })).status, 400);
  await post({ do: 'undo' });
  assert.equal((await read()).doubtfulCount, 4, 'what was accepted before stays accepted');
});

test('forms alone: all on a line and all on a page are accepted', async () => {
  const { page, post, read } = await addPage();
  const form = (await alice.agent.get(page)).text;
  assert.match(form, /form="accept-words" name="words" value="l1.0.1 l2.0"/);
  assert.match(
    form,
    /form="accept-words" name="words" value="l1.0.1" [^>]*aria-label="Accept all on line 1"/,
  );
  const line = await post({ do: 'accept-all', words: 'l1.0.1' });
  assert.deepEqual([line.status, line.headers.location], [303, `${page}?notice=accepted#line-1`]);
  assert.equal((await read()).doubtfulCount, 1);
  await post({ do: 'undo' });
  const all = await post({ do: 'accept-all', words: 'l1.0.1 l2.0' });
  assert.equal(all.headers.location, `${page}?notice=accepted`);
  assert.equal((await read()).doubtfulCount, 0);
  assert.doesNotMatch((await alice.agent.get(page)).text, /name="words"/, 'nothing is left to accept');
  assert.equal((await post({ do: 'accept-all', words: 'l1.0;l2' })).status, 400);
});

test('accepting a page accepts what was seen, and leaves alone what another person changed meanwhile', async () => {
  const { post, read, patch } = await addPage();
  await post({ do: 'word', line: 'l1', text: 'Total l2.50' }, carol);
  const { text } = await post({ do: 'accept-all', words: 'l1.0.1 l2.0', fragment: 'yes' });
  assert.match(text, /data-here="0"/);
  assert.match(text, /id="line-1"[\s\S]*id="line-2"/);
  const now = await read();
  assert.deepEqual([now.lines[0].corrected, now.doubtfulCount], ['Total l2.50', 0]);
  await patch({ lines: [{ id: 'l1', text: null }] }, carol);
  assert.equal((await read()).doubtfulCount, 2, 'restored by the other person');
  await post({ do: 'undo' });
  assert.equal((await read()).doubtfulCount, 3);
});

test('accepting many words is in the trail as such', async () => {
  const { post } = await addPage();
  await post({ do: 'accept-all', words: 'l1.0.1' });
  await post({ do: 'undo' });
  await post({ do: 'accept-all', words: 'l1.0.1 l2.0' });
  const { text } = await carol.agent.get(`/admin/audit?person=${await personIdOf(alice)}`);
  assert.match(text, /accepted all of line 1/);
  assert.match(text, /accepted 3 words of 2 lines/);
});

test('a page counted by older rules is counted anew when it is opened', async () => {
  const { page, list, stored } = await addPage(['***~', '|~ —~']);
  await paperlift.services.clients.documents.update({
    TableName: paperlift.config.aws.dynamodb.table,
    Key: { pk: `PROJECT#${page.split('/')[2]}`, sk: `PAGE#${page.split('/')[4]}` },
    UpdateExpression: 'SET doubtfulCount = :three, wordCount = :three',
    ExpressionAttributeValues: { ':three': 3 },
  });
  const before = await stored();
  assert.equal(before?.doubtfulCount, 3);
  const { text } = await alice.agent.get(page);
  assert.match(text, /No text was found on this page/);
  assert.doesNotMatch(text, /to check</);
  const { items } = (await alice.agent.get(list)).body;
  assert.deepEqual([items[0].doubtfulCount, items[0].wordCount], [0, 0]);
  assert.equal((await stored())?.updatedAt, before?.updatedAt);
});

test('corrections that would not fit into the page’s item are refused in words, and the page stays as it is', async () => {
  const many = Array.from({ length: 60 }, (_, index) => `line ${index}`);
  const { patch, read } = await addPage(many);
  const all = many.map((_, index) => ({ id: `l${index + 1}`, text: 'ü'.repeat(1900) }));
  const { status, body } = await patch({ lines: all });
  assert.deepEqual([status, body.code], [413, 'review-too-large']);
  assert.equal((await patch({ lines: all.slice(0, 20) })).status, 200);
  assert.equal((await read()).lines.filter((line: { corrected?: string }) => line.corrected).length, 20);
});
