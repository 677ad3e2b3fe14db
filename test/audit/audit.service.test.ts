import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { hashOf, type TrailName } from '../../src/audit/audit.ts';
import { namesIn } from '../../src/audit/audit-names.ts';
import { isPaperliftError, notFound } from '../../src/errors.ts';
import { buildPerson, startTrailStage } from './trail-stage.ts';

let stage: Awaited<ReturnType<typeof startTrailStage>>;
before(async () => {
  stage = await startTrailStage();
});
after(() => stage.stop());

const alice = buildPerson('alice');
const erin = buildPerson('erin', 'auditors');
let made = 0;

/** A trail of its own, of so many entries. */
async function buildTrail(entries: number): Promise<TrailName> {
  made += 1;
  const projectId = `01K${String(made).padStart(23, '0')}`;
  const audit = stage.createService();
  for (let number = 1; number <= entries; number++) {
    await audit.record({ actor: alice, action: 'project.renamed', projectId, detail: `name ${number}` });
  }
  return `project:${projectId}`;
}

const verify = (trail: TrailName) => stage.createService().check(erin, trail);

async function firstFault(trail: TrailName) {
  const verdict = await verify(trail);
  return verdict.intact ? 'intact' : `${verdict.number} ${verdict.fault}`;
}

test('each entry carries the hash of the one before, and says who did what when', async () => {
  const trail = await buildTrail(4);
  const { items } = await stage.createService().list(erin, trail, { limit: 10 });
  assert.deepEqual(
    items.map(({ number, detail }) => [number, detail]),
    [4, 3, 2, 1].map((number) => [number, `name ${number}`]),
  );
  for (const [index, entry] of items.entries()) {
    assert.equal(entry.hash, hashOf(entry));
    assert.equal(entry.previous, items[index + 1]?.hash ?? '0'.repeat(64));
    assert.equal(entry.actorId, alice.id);
    assert.equal(entry.at, '2026-11-02T09:00:00.000Z');
  }
  assert.deepEqual(await verify(trail), { intact: true, count: 4, lastHash: items[0]?.hash });
});

test('a trail is titled by its project or person, and a project that is gone by the name at its creation', async () => {
  const audit = stage.createService();
  const none = namesIn([]);
  const projectId = `01K${'T'.repeat(23)}`;
  const trail: TrailName = `project:${projectId}`;
  assert.equal(await audit.titleOf(erin, trail, none), 'Unknown project');
  await audit.record({ actor: alice, action: 'project.created', projectId, projectName: 'Receipts' });
  for (let view = 0; view < 6; view += 1)
    await audit.record({ actor: alice, action: 'page.viewed', projectId });
  assert.equal(await audit.titleOf(erin, trail, none), 'Receipts');
  assert.equal(await audit.titleOf(erin, await buildTrail(2), none), 'Deleted project');
  assert.equal(await audit.titleOf(erin, 'person:p-nobody', none), 'Unknown person');
  const refused = (error: unknown) => isPaperliftError(error, 'may-not-read-trails');
  await assert.rejects(audit.titleOf(alice, trail, none), refused);
});

test('the same event is in the trail of who did it and of the person it was done to', async () => {
  const audit = stage.createService();
  const carol = buildPerson('carol', 'admins');
  const dan = buildPerson('dan');
  await audit.record({ actor: carol, action: 'person.signed-out', personId: dan.id });
  const ofCarol = await audit.list(erin, 'person:p-carol', { limit: 1 });
  const ofDan = await audit.list(erin, 'person:p-dan', { limit: 1 });
  assert.equal(ofCarol.items[0]?.id, ofDan.items[0]?.id);
  assert.equal(ofDan.items[0]?.actorName, 'carol');
  assert.equal(await firstFault('person:p-dan'), 'intact');
});

test('twenty at once, from one process and from five, are all there, in one unbroken order', async () => {
  for (const processes of [1, 5]) {
    const trail = await buildTrail(0);
    const projectId = trail.slice('project:'.length);
    const services = Array.from({ length: processes }, () => stage.createService());
    await Promise.all(
      Array.from({ length: 20 }, (_, index) =>
        services[index % processes]?.record({
          actor: buildPerson(`writer-${index}`),
          action: 'page.deleted',
          projectId,
          detail: String(index),
        }),
      ),
    );
    const { items } = await stage.createService().list(erin, trail, { limit: 30 });
    assert.equal(items.length, 20);
    assert.equal(new Set(items.map(({ detail }) => detail)).size, 20);
    assert.equal(await firstFault(trail), 'intact', `${processes} processes`);
  }
});

test('an append whose answer was lost is not made twice', async () => {
  const trail = await buildTrail(1);
  let lost = false;
  const put = async (input: Parameters<typeof stage.documents.put>[0]) => {
    const answer = await stage.documents.put(input);
    if (input.Item?.sk === 'HEAD' && input.Item?.pk === `AUDIT#${trail}` && !lost) {
      lost = true;
      throw Object.assign(new Error('again'), { name: 'ConditionalCheckFailedException' });
    }
    return answer;
  };
  const audit = stage.createService({ put } as never);
  await audit.record({
    actor: alice,
    action: 'page.deleted',
    projectId: trail.slice('project:'.length),
    detail: 'once',
  });
  assert.ok(lost);
  const { items } = await audit.list(erin, trail, { limit: 10 });
  assert.deepEqual(
    items.map(({ detail }) => detail),
    ['once', 'name 1'],
  );
});

test('a changed entry is named, whether or not its hash was made to fit', async () => {
  for (const place of [1, 3] as const) {
    const trail = await buildTrail(5);
    const item = await stage.peek(trail, place);
    await stage.overwrite(trail, place, { ...item, actorName: 'Mallory' });
    assert.equal(await firstFault(trail), `${place} changed`);
    const forged: Record<string, unknown> = { ...item, actorName: 'Mallory' };
    const { pk, sk, ...said } = forged;
    await stage.overwrite(trail, place, { ...forged, hash: hashOf(said) });
    assert.equal(await firstFault(trail), `${place} changed`, 'with a hash of its own');
  }
});

test('an attribute added to an entry or taken from it is a change', async () => {
  const trail = await buildTrail(3);
  const item = await stage.peek(trail, 2);
  await stage.overwrite(trail, 2, { ...item, approvedBy: 'somebody' });
  assert.equal(await firstFault(trail), '2 changed');
  const { detail, ...less } = item;
  await stage.overwrite(trail, 2, less);
  assert.equal(await firstFault(trail), '2 changed');
  await stage.overwrite(trail, 2, item);
  assert.equal(await firstFault(trail), 'intact');
});

test('a removed entry is named, the first one, one in the middle, and the last', async () => {
  for (const place of [1, 3]) {
    const trail = await buildTrail(5);
    await stage.erase(trail, place);
    assert.equal(await firstFault(trail), `${place} removed`);
  }
  const trail = await buildTrail(5);
  await stage.erase(trail, 'HEAD');
  assert.equal(await firstFault(trail), '5 removed');
});

test('entries that changed places are named', async () => {
  const trail = await buildTrail(6);
  const [third, fourth] = [await stage.peek(trail, 3), await stage.peek(trail, 4)];
  await stage.overwrite(trail, 3, fourth);
  await stage.overwrite(trail, 4, third);
  assert.equal(await firstFault(trail), '3 reordered');
});

test('an entry of another trail, or one more at the end, is named', async () => {
  const [trail, other] = [await buildTrail(4), await buildTrail(4)];
  await stage.overwrite(trail, 2, await stage.peek(other, 2));
  assert.equal(await firstFault(trail), '2 changed');

  const longer = await buildTrail(4);
  const head = await stage.peek(longer, 'HEAD');
  await stage.overwrite(longer, 4, head);
  assert.equal(await firstFault(longer), 'intact', 'a copy of the newest entry is no fault');
  const { kindKey, kindSort, pk, sk, hash, ...said } = head;
  const more = { ...said, number: 5, previous: hash, detail: 'never happened' };
  await stage.overwrite(longer, 5, { ...more, hash: hashOf(more) });
  assert.equal(await firstFault(longer), '5 added');
});

test('a cut-off end is named although the head was set back, and a changed head is', async () => {
  const trail = await buildTrail(5);
  const earlier = await stage.peek(trail, 3);
  await stage.overwrite(trail, 'HEAD', earlier);
  assert.equal(await firstFault(trail), '4 added', 'entry 4 is still there, behind the head');

  const changed = await buildTrail(3);
  await stage.overwrite(changed, 'HEAD', { ...(await stage.peek(changed, 'HEAD')), detail: 'other' });
  assert.equal(await firstFault(changed), '3 changed');
});

test('what is appended after the end was cut off or set back heals nothing and overwrites nothing', async () => {
  const append = async (trail: TrailName, times: number) => {
    for (let time = 0; time < times; time++) {
      const projectId = trail.slice('project:'.length);
      await stage.createService().record({ actor: alice, action: 'project.renamed', projectId });
    }
  };
  const cut = await buildTrail(5);
  await stage.erase(cut, 'HEAD');
  await append(cut, 3);
  assert.equal(await firstFault(cut), '5 removed');
  assert.equal((await stage.peek(cut, 1)).detail, 'name 1');

  const setBack = await buildTrail(5);
  await stage.overwrite(setBack, 'HEAD', await stage.peek(setBack, 2));
  await append(setBack, 6);
  assert.equal(await firstFault(setBack), '3 added');
  assert.equal((await stage.peek(setBack, 3)).detail, 'name 3');
  assert.equal((await stage.createService().download(erin, cut)).entries.length, 8);
});

test('a trail written anew as a whole shows against the log, where every hash stands', async () => {
  const trail = await buildTrail(3);
  const hashes = stage.logs
    .entries()
    .filter((entry) => entry.trail === trail)
    .map(({ number, hash }) => [number, hash]);
  assert.equal(hashes.length, 3);
  assert.deepEqual(hashes[2], [3, (await stage.peek(trail, 'HEAD')).hash]);
});

test('a change that cannot be recorded is not made', async () => {
  const put = () => Promise.reject(Object.assign(new Error('no'), { name: 'InternalServerError' }));
  const audit = stage.createService({ put } as never);
  let changed = false;
  const change = audit.recordChange({ actor: alice, action: 'project.deleted', projectId: 'x' }, async () => {
    changed = true;
  });
  await assert.rejects(change);
  assert.equal(changed, false);
});

test('a trail that never gives a turn refuses in time, and does not hang', async () => {
  const put = (input: Parameters<typeof stage.documents.put>[0]) =>
    input.Item?.sk === 'HEAD'
      ? Promise.reject(Object.assign(new Error('busy'), { name: 'ConditionalCheckFailedException' }))
      : stage.documents.put(input);
  const audit = stage.createService({ put } as never, 300);
  const startedAt = performance.now();
  await assert.rejects(
    audit.record({ actor: alice, action: 'project.renamed', projectId: 'never' }),
    (error) => isPaperliftError(error, 'audit-trail-unavailable'),
  );
  assert.ok(performance.now() - startedAt < 10_000);
});

test('of many that wait their turn none is turned away while the others get on', async () => {
  const put = async (input: Parameters<typeof stage.documents.put>[0]) => {
    await delay(100);
    return stage.documents.put(input);
  };
  const audit = stage.createService({ put } as never, 900);
  const projectId = 'queue';
  const events = Array.from({ length: 14 }, () =>
    audit.record({ actor: 'system', action: 'project.erased', projectId }),
  );
  await Promise.all(events); // more than one has patience for
});

test('a change that failed after it was recorded says so', async () => {
  const trail = await buildTrail(0);
  const projectId = trail.slice('project:'.length);
  const audit = stage.createService();
  const change = audit.recordChange({ actor: alice, action: 'project.renamed', projectId }, async () => {
    throw notFound('project');
  });
  await assert.rejects(change, (error) => isPaperliftError(error, 'project-not-found'));
  const { items } = await audit.list(erin, trail, { limit: 5 });
  assert.deepEqual(
    items.map(({ action, detail }) => [action, detail]),
    [
      ['change.failed', 'project.renamed: project-not-found'],
      ['project.renamed', undefined],
    ],
  );
});

test('reads of another’s documents are recorded once a view; owners reading their own are not', async () => {
  const trail = await buildTrail(0);
  const event = {
    action: 'page.viewed' as const,
    projectId: trail.slice('project:'.length),
    pageId: 'one',
    ownerId: alice.id,
  };
  const audit = stage.createService();
  await audit.recordRead({ actor: alice, ...event });
  await Promise.all(Array.from({ length: 5 }, () => audit.recordRead({ actor: erin, ...event })));
  await audit.recordRead({ actor: erin, ...event, pageId: 'two' });
  stage.passTime(11 * 60_000);
  await audit.recordRead({ actor: erin, ...event });
  const { items } = await audit.list(erin, trail, { limit: 10 });
  assert.deepEqual(
    items.map(({ actorName, pageId }) => [actorName, pageId]),
    [
      ['erin', 'one'],
      ['erin', 'two'],
      ['erin', 'one'],
    ],
  );
});

test('trails are listed by their newest entries, and paged through without a gap', async () => {
  const trail = await buildTrail(7);
  const audit = stage.createService();
  const seen: number[] = [];
  let before: number | undefined;
  do {
    const page = await audit.list(erin, trail, { limit: 3, ...(before ? { before } : {}) });
    seen.push(...page.items.map(({ number }) => number));
    before = page.cursor;
  } while (before);
  assert.deepEqual(seen, [7, 6, 5, 4, 3, 2, 1]);
  stage.passTime(1000);
  const latest = await buildTrail(2);
  const { items } = await audit.listTrails(erin, 'project', { limit: 2 });
  assert.equal(items[0]?.trail, latest);
  assert.equal(items[0]?.number, 2);
});

test('nobody but auditors and administrators sees a trail', async () => {
  const trail = await buildTrail(1);
  const audit = stage.createService();
  const asking = [
    audit.list(alice, trail, { limit: 1 }),
    audit.listTrails(alice, 'project', { limit: 1 }),
    audit.download(alice, trail),
    audit.check(alice, trail),
  ];
  for (const asked of asking) {
    await assert.rejects(asked, (error) => isPaperliftError(error, 'may-not-read-trails'));
  }
  assert.equal((await audit.download(erin, trail)).entries.length, 2, 'the download itself is recorded');
});
