import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { RgbImage } from '../../../../src/local/textract/engine/image.ts';
import { createPageReader } from '../../../../src/local/textract/engine/page-reader.ts';

const width = 400;
/** A white page with a stroke from 44 to 50, and a line that was detected from 50 to 100. */
const page: RgbImage = { data: new Uint8Array(width * 200 * 3).fill(255), width, height: 200 };
page.data.fill(0, width * 44 * 3, width * 50 * 3);
const quads = [
  [
    { x: 40, y: 50 },
    { x: 360, y: 50 },
    { x: 360, y: 100 },
    { x: 40, y: 100 },
  ],
];
const pages = createPageReader({
  detector: { find: async () => ({ quads: quads as never, angle: 0 }), close: async () => {} },
  direction: { isUpsideDown: async () => false, close: async () => {} },
});

/** The colours of the middle column of what a reader with that margin is given. */
async function seenWith(margin: number): Promise<number[]> {
  let seen: number[] = [];
  await pages.read(page, {
    margin,
    async read({ data, width: across, height }) {
      seen = Array.from({ length: height }, (_, row) => data[(row * across + (across >> 1)) * 3] as number);
      return [];
    },
    calibrate: () => (confidence) => confidence,
    close: async () => {},
  });
  return seen;
}

test('a reader that asks for it sees the strokes right above the detected line, as Korean needs them', async () => {
  assert.ok((await seenWith(0)).every((value) => value > 100));
  const strokes = (await seenWith(0.08)).slice(0, 3);
  assert.ok(
    strokes.every((value) => value < 60),
    strokes.join(),
  );
});

test('a tilted page is looked at as a whole once it is level, since lines are overlooked before, and then without its empty edges', async () => {
  const answers = [
    { quads: quads as never, angle: 0.6 },
    { quads: quads as never, angle: 0.01 },
    { quads: [] as never, angle: 0 },
  ];
  const seen: number[][] = [];
  const reader = createPageReader({
    detector: {
      async find({ width: across, height }) {
        seen.push([across, height]);
        return answers.shift() ?? assert.fail('looked too often');
      },
      close: async () => {},
    },
    direction: { isUpsideDown: async () => false, close: async () => {} },
  });
  await reader.read(page, {
    margin: 0,
    read: async () => [],
    calibrate: () => (confidence) => confidence,
    close: async () => {},
  });
  const [asItWas, level, cut] = seen;
  assert.deepEqual(asItWas, [400, 200]);
  const [cos, sin] = [Math.cos(0.6), Math.sin(0.6)];
  assert.ok(Math.abs((level?.[0] ?? 0) - (400 * cos + 200 * sin)) < 3, `${level}`);
  assert.ok(Math.abs((level?.[1] ?? 0) - (400 * sin + 200 * cos)) < 3, `${level}`);
  assert.ok((cut?.[1] ?? 999) < 0.7 * (level?.[1] ?? 0), `${cut}`);
});
