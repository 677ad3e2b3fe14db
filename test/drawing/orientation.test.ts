import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  crop,
  flop,
  orientationOf,
  type Placement,
  placeWhole,
  turn,
} from '../../src/drawing/orientation.ts';

type Pixels = number[][];
const [width, height] = [7, 6];
const stored: Pixels = Array.from({ length: height }, (_, y) =>
  Array.from({ length: width }, (_, x) => y * width + x),
);

const mirrored = (pixels: Pixels): Pixels => pixels.map((row) => row.toReversed());
/** A quarter turn clockwise. */
const turned = (pixels: Pixels): Pixels =>
  (pixels[0] ?? []).map((_, x) => pixels.map((row) => row[x] as number).toReversed());
const turnedBy = (pixels: Pixels, turns: number): Pixels =>
  Array.from({ length: turns }).reduce<Pixels>(turned, pixels);
const part = { left: 1, top: 2, width: 2, height: 1 };
const cropped = (pixels: Pixels): Pixels =>
  pixels.slice(part.top, part.top + part.height).map((row) => row.slice(part.left, part.left + part.width));

/** As sharp applies it: crop, mirror, turn. */
function show({ area, orientation }: Placement): Pixels {
  const seen = stored
    .slice(area.top, area.top + area.height)
    .map((row) => row.slice(area.left, area.left + area.width));
  return turnedBy(orientation.isFlopped ? mirrored(seen) : seen, orientation.turns);
}

test('turns, mirrors and crops in any order give the pixels that they give one by one', () => {
  const steps: [(placement: Placement) => Placement, (pixels: Pixels) => Pixels][] = [
    [(placement) => turn(placement, 1), turned],
    [(placement) => turn(placement, -1), (pixels) => turnedBy(pixels, 3)],
    [flop, mirrored],
  ];
  for (const one of steps)
    for (const two of steps)
      for (const three of steps) {
        const before = (placement: Placement) => two[0](one[0](placement));
        const pixels = two[1](one[1](stored));
        const placement = three[0](crop(before(placeWhole({ width, height })), part));
        assert.deepEqual(show(placement), three[1](cropped(pixels)));
      }
});

test('EXIF’s orientations are those of its specification', () => {
  const expected: Pixels[] = [
    stored,
    mirrored(stored),
    turnedBy(stored, 2),
    mirrored(turnedBy(stored, 2)),
    mirrored(turned(stored)),
    turned(stored),
    mirrored(turnedBy(stored, 3)),
    turnedBy(stored, 3),
  ];
  for (const [index, pixels] of expected.entries()) {
    const placement = { ...placeWhole({ width, height }), orientation: orientationOf(index + 1) };
    assert.deepEqual(show(placement), pixels, `orientation ${index + 1}`);
  }
});
