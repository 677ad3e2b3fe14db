// How a page is turned, and what tilt is offered, once the direction of its text is known.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { tiltToOffer, turnByText } from '../../src/pages/turning.ts';
import type { Rotation } from '../../src/text/rotated-polygons.ts';

const lying = (turned: Rotation) => ({ turned, tilt: 0 });

describe('a page whose text lies on its side', () => {
  test('is turned upright, from what its image was prepared at', () => {
    assert.deepEqual(turnByText({ rotation: 0 }, lying(90)), { rotation: 270, turnedFrom: 0 });
    assert.deepEqual(turnByText({ rotation: 0, preparedRotation: 0 }, lying(180)), {
      rotation: 180,
      turnedFrom: 0,
    });
  });

  test('that was turned by its text before is turned from its image again, and remembers where it came from', () => {
    const page = { rotation: 270, preparedRotation: 0, turnedFrom: 0 };
    assert.equal(turnByText(page, lying(90)), undefined, 'it is upright');
    assert.deepEqual(turnByText(page, lying(180)), { rotation: 180, turnedFrom: 0 });
    assert.deepEqual(turnByText(page, lying(0)), { rotation: 0, turnedFrom: 0 }, 'and back');
  });

  test('stays as a person rotated it, also before that was stored', () => {
    assert.equal(turnByText({ rotation: 0, rotationChosen: true }, lying(90)), undefined);
    assert.equal(turnByText({ rotation: 90, rotationChosen: true, turnedFrom: 0 }, lying(90)), undefined);
    assert.equal(turnByText({ rotation: 90, preparedRotation: 0 }, lying(180)), undefined);
  });

  test('stays where the text is upright or says nothing', () => {
    assert.equal(turnByText({ rotation: 0 }, lying(0)), undefined);
    assert.equal(turnByText({ rotation: 0 }, undefined), undefined);
  });
});

test('a tilt is offered to be taken out from 0.3 to 15 degrees, to either side', () => {
  for (const tilt of [0.3, -0.3, 15, -15]) assert.equal(tiltToOffer({ turned: 0, tilt }), tilt);
  for (const tilt of [0, 0.29, -0.29, 15.1, -15.1]) assert.equal(tiltToOffer({ turned: 0, tilt }), undefined);
  assert.equal(tiltToOffer(undefined), undefined);
});
