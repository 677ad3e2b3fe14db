// Which way up the text of a page is, and its tilt, by the polygons of its words.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Polygon } from '../../src/text/detected-text.ts';
import { findDirection } from '../../src/text/direction.ts';
import { rotatedSize, rotatePolygon } from '../../src/text/rotated-polygons.ts';

const size = { width: 800, height: 1200 };

/** A word on an upright page that is then turned by so many degrees clockwise. */
function wordAt(degrees: number, { text = 'word', confidence = 99, at = 0 } = {}) {
  const [x, y] = [0.1 + (at % 4) * 0.2, 0.1 + Math.floor(at / 4) * 0.05];
  const upright: Polygon = [
    { x, y },
    { x: x + 0.15, y },
    { x: x + 0.15, y: y + 0.03 },
    { x, y: y + 0.03 },
  ];
  return { text, confidence, polygon: rotatePolygon(upright, degrees, size) };
}
const wordsAt = (degrees: number, count: number, about: { text?: string; confidence?: number } = {}) =>
  Array.from({ length: count }, (_, at) => wordAt(degrees, { ...about, at }));
const find = (degrees: number, words: ReturnType<typeof wordAt>[]) =>
  findDirection(words, rotatedSize(size, degrees));

describe('the direction of a page’s text', () => {
  for (const turned of [0, 90, 180, 270])
    test(`is found on a page that was turned by ${turned} degrees`, () => {
      assert.deepEqual(find(turned, wordsAt(turned, 5)), { turned, tilt: 0 });
    });

  for (const degrees of [1.25, -3, 14.9, 44, -44, 93.5, 176, 272])
    test(`is found with its tilt on a page that was turned by ${degrees} degrees`, () => {
      const found = find(degrees, wordsAt(degrees, 12));
      const turned = (((Math.round(degrees / 90) * 90) % 360) + 360) % 360;
      const tilt = ((degrees - turned + 540) % 360) - 180;
      assert.equal(found?.turned, turned);
      assert.ok(Math.abs((found?.tilt ?? 99) - tilt) < 0.02, `${found?.tilt}`);
    });

  test('is uncertain with fewer than five words or twenty letters: punctuation does not count', () => {
    assert.equal(find(90, wordsAt(90, 4, { text: 'wonderful' })), undefined);
    assert.notEqual(find(90, wordsAt(90, 5, { text: 'four' })), undefined);
    assert.equal(
      find(90, [...wordsAt(90, 4, { text: 'four' }), wordAt(90, { text: 'ten', at: 5 })]),
      undefined,
    );
    assert.equal(find(90, wordsAt(90, 9, { text: '—––…' })), undefined);
  });

  test('is uncertain unless four fifths of the letters agree, counted as far as they are certain', () => {
    const most = wordsAt(180, 8);
    assert.equal(find(180, [...most, ...wordsAt(90, 2)])?.turned, 180);
    assert.equal(find(180, [...most, ...wordsAt(90, 3)]), undefined);
    assert.equal(find(180, [...most, ...wordsAt(90, 3, { confidence: 60 })])?.turned, 180);
  });

  test('does not follow words that are probably misread, as text is that was read upside down', () => {
    assert.equal(find(90, wordsAt(90, 30, { confidence: 49 })), undefined);
  });

  test('takes the middle of the tilts, whatever a few words say', () => {
    const words = [...wordsAt(2, 12), wordAt(20, { at: 13 }), wordAt(-30, { at: 14 })];
    assert.ok(Math.abs((find(2, words)?.tilt ?? 99) - 2) < 0.02);
  });

  test('comes without a tilt where lines are not parallel, as on crumpled paper', () => {
    const words = [-9, -6, -3, 0, 3, 6, 9].flatMap((degrees) => wordsAt(degrees, 3));
    assert.deepEqual(find(0, words), { turned: 0 });
  });

  test('is found whatever the ratio of the image’s sides', () => {
    const long = { width: 3000, height: 300 };
    const polygon = rotatePolygon(wordAt(0).polygon, 10, long);
    const words = wordsAt(0, 6).map((word) => ({ ...word, polygon }));
    const found = findDirection(words, rotatedSize(long, 10));
    assert.ok(Math.abs((found?.tilt ?? 0) - 10) < 0.02, `${found?.tilt}`);
  });
});
