import assert from 'node:assert/strict';
import { PassThrough } from 'node:stream';
import { describe, test } from 'node:test';
import { isPaperliftError } from '../../src/errors.ts';
import { readFromSender } from '../../src/uploads/paced-sender.ts';
import { createUploadSlots, type UploadSlot } from '../../src/uploads/upload-slots.ts';

const never = new AbortController().signal;
const turn = () => new Promise((resolve) => setImmediate(resolve));

describe('slots', () => {
  test('only so many are held at once; the others get theirs in turns between people', async () => {
    const slots = createUploadSlots({ count: 2, perPerson: 2 });
    const [first] = await Promise.all([slots.take('alice', never), slots.take('alice', never)]);
    const entered: string[] = [];
    const waiting = ['alice', 'alice', 'bob'].map(async (person) => {
      const slot = await slots.take(person, never);
      entered.push(person);
      return slot;
    });
    await turn();
    assert.deepEqual(entered, []);
    first?.release();
    first?.release(); // twice changes nothing
    await turn();
    assert.deepEqual(entered, ['bob']);
    (await waiting[2])?.release();
    await turn();
    assert.deepEqual(entered, ['bob', 'alice']);
  });

  test('who goes away while waiting takes nobody’s place', async () => {
    const slots = createUploadSlots({ count: 1 });
    const first = await slots.take('alice', never);
    const gone = new AbortController();
    const leaving = slots.take('bob', gone.signal);
    const staying = slots.take('carol', never);
    gone.abort(new Error('gone'));
    await assert.rejects(leaving, /gone/);
    first.release();
    (await staying).release();
    await assert.rejects(slots.take('bob', gone.signal), /gone/);
    (await slots.take('bob', never)).release();
  });

  test('a slow one lends its slot, so many times and no more, and gives none back that it lent', async () => {
    const slots = createUploadSlots({ count: 1, lendable: 1 });
    const slow = await slots.take('alice', never);
    slow.lend();
    slow.lend();
    const second = await slots.take('alice', never);
    let third: UploadSlot | undefined;
    const waiting = slots.take('alice', never).then((slot) => {
      third = slot;
    });
    second.lend();
    await turn();
    assert.equal(third, undefined, 'one is lent already');
    assert.equal(second.signal.aborted, false, 'nobody else waits');
    slow.release();
    await turn();
    assert.equal(third, undefined, 'what was lent is not given back');
    second.lend();
    await waiting;
    assert.ok(third);
  });

  test('42 slow uploads of one person leave a slot free for everyone else', async () => {
    const slots = createUploadSlots({ count: 5 });
    const gone = new AbortController();
    const slow = Array.from({ length: 42 }, async () => {
      const slot = await slots.take('mallory', gone.signal);
      slot.lend();
      return slot;
    });
    await turn();
    for (let time = 0; time < 3; time += 1) (await slots.take('alice', never)).release();
    gone.abort();
    const begun = (await Promise.allSettled(slow)).filter(({ status }) => status === 'fulfilled');
    assert.equal(begun.length, 28 + 4, '28 are lent, four are held');
  });

  test('slow uploads of several people that hold every slot make room, the latest of who has the most', async () => {
    const slots = createUploadSlots({ count: 2, lendable: 2, lendablePerPerson: 1 });
    const take = async (person: string) => {
      const slot = await slots.take(person, never);
      slot.lend();
      return slot;
    };
    const first = await take('mallory');
    const latest = await take('mallory');
    const others = [await take('trudy'), await take('trudy')];
    const waiting = slots.take('alice', never);
    others[1]?.lend();
    (await waiting).release();
    const ended = [first, latest, ...others].filter(({ signal }) => signal.aborted);
    assert.equal(ended.length, 1);
    assert.equal(ended[0]?.signal.reason.code, 'too-many-slow-uploads');
    assert.equal(first.signal.aborted, false);
  });
});

describe('a sender', () => {
  const limits = {
    slow: { afterMs: 20, belowBytesPerSecond: 1000 },
    tooSlow: { silentMs: 200, afterMs: 400, belowBytesPerSecond: 100 },
  };
  const tooSlow = (error: unknown) =>
    isPaperliftError(error, 'form-too-slow') && /too slow or stalled/.test(error.message);

  async function readAll(body: PassThrough, signal = never, onSlow = () => {}) {
    let bytes = 0;
    for await (const chunk of readFromSender(body, { signal, onSlow, limits })) bytes += chunk.length;
    return bytes;
  }

  test('who is quick is never slow, however long the other side takes', async () => {
    const body = new PassThrough();
    for (let count = 0; count < 5; count += 1) body.write(Buffer.alloc(1000));
    body.end();
    let isSlow = false;
    for await (const _ of readFromSender(body, { signal: never, onSlow: () => (isSlow = true), limits })) {
      await new Promise((resolve) => setTimeout(resolve, 40));
    }
    assert.equal(isSlow, false);
  });

  test('who trickles is slow, and is refused in the end', async () => {
    const body = new PassThrough();
    const trickle = setInterval(() => body.write('x'), 30);
    let isSlow = false;
    await assert.rejects(
      readAll(body, never, () => {
        isSlow = true;
      }),
      tooSlow,
    );
    clearInterval(trickle);
    assert.equal(isSlow, true);
    assert.equal(body.destroyed, false, 'the rest of the form can still be read');
  });

  test('who falls silent is refused', async () => {
    const body = new PassThrough();
    body.write(Buffer.alloc(100_000));
    await assert.rejects(readAll(body), tooSlow);
  });

  test('who goes away is noticed at once, though nothing comes', async () => {
    const gone = new AbortController();
    const reading = readAll(new PassThrough(), gone.signal);
    gone.abort(new Error('gone'));
    await assert.rejects(reading, /gone/);
  });
});
