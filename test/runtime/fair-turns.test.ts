import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { setImmediate as tick } from 'node:timers/promises';
import { createTurns, inTurns, type Turn } from '../../src/runtime/fair-turns.ts';

/** Asks for a turn for each of these people, in this order. `begun` says who has had one. */
function askFor(turns: ReturnType<typeof createTurns>, people: string[]) {
  const begun: string[] = [];
  const taken: Turn[] = [];
  for (const person of people) {
    void turns.take(person).then((turn) => {
      begun.push(person);
      taken.push(turn);
    });
  }
  return {
    begun,
    async endNext() {
      taken.shift()?.release();
      await tick();
    },
  };
}

describe('turns between people', () => {
  test('one person’s thousand requests do not stand before another’s one', async () => {
    const turns = createTurns({ atOnce: 1 });
    const asked = askFor(turns, [...Array<string>(1000).fill('alice'), 'bob', 'carol']);
    await tick();
    await asked.endNext();
    await asked.endNext();
    await asked.endNext();
    assert.deepEqual(asked.begun, ['alice', 'bob', 'carol', 'alice']);
  });

  test('one person leaves a place free, which another gets at once', async () => {
    const turns = createTurns({ atOnce: 4 });
    const asked = askFor(turns, Array<string>(9).fill('alice'));
    await tick();
    assert.equal(asked.begun.length, 3);
    assert.equal(turns.waiting('alice'), 6);
    assert.equal(turns.hasRoomFor('alice'), false);
    assert.ok(turns.hasRoomFor('bob'));
    (await turns.take('bob')).release();
  });

  test('of those who wait, who has the fewest turns is next', async () => {
    const turns = createTurns({ atOnce: 3, perPerson: 2 });
    const asked = askFor(turns, ['alice', 'bob', 'bob', 'alice', 'carol', 'dave']);
    await tick();
    assert.deepEqual(asked.begun, ['alice', 'bob', 'bob']);
    await asked.endNext(); // alice's
    assert.equal(asked.begun.at(-1), 'carol', 'who has had none yet');
    await asked.endNext(); // bob's first
    assert.equal(asked.begun.at(-1), 'dave');
    await asked.endNext(); // bob's second
    assert.equal(asked.begun.at(-1), 'alice');
  });

  test('who gives up takes nobody’s place', async () => {
    const turns = createTurns({ atOnce: 1 });
    const first = await turns.take('alice');
    const gone = new AbortController();
    const leaving = turns.take('bob', gone.signal);
    const staying = turns.take('carol');
    assert.equal(turns.waiting(), 2);
    gone.abort(new Error('gone'));
    await assert.rejects(leaving, /gone/);
    await assert.rejects(turns.take('bob', gone.signal), /gone/);
    first.release();
    first.release(); // twice changes nothing
    const second = await staying;
    assert.equal(turns.free(), 0);
    second.release();
    assert.deepEqual([turns.free(), turns.waiting()], [1, 0]);
  });

  test('a list is put in turns', () => {
    const things = ['a1', 'a2', 'a3', 'b1', 'c1', 'b2'];
    assert.deepEqual(
      inTurns(things, ([person]) => person as string),
      ['a1', 'b1', 'c1', 'a2', 'b2', 'a3'],
    );
  });
});
