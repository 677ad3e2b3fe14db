import assert from 'node:assert/strict';
import { test } from 'node:test';
import { calibrateByPage } from '../../../../src/local/textract/engine/word-confidence.ts';

const doubtEnds = 80;

test('on a clear page a fairly sure word is not marked, on a page of unsure words it is', () => {
  const clear = calibrateByPage([...Array(19).fill(0.99), 0.7]);
  const blurred = calibrateByPage([...Array(14).fill(0.99), ...Array(6).fill(0.7)]);
  assert.ok(clear(0.7) >= doubtEnds, `${clear(0.7)}`);
  assert.ok(blurred(0.7) < doubtEnds, `${blurred(0.7)}`);
});

test('confidences rise from 0 to 100 with the probability, however bad the page', () => {
  for (const page of [[], [1], [0.1, 0.2], [0.5, 0.99, 1]]) {
    const calibrated = calibrateByPage(page);
    const values = [0, 0.3, 0.6, 0.9, 0.99, 1].map(calibrated);
    assert.equal(values[0], 0);
    assert.equal(values.at(-1), 100);
    for (const [i, value] of values.entries()) assert.ok(i === 0 || value > (values[i - 1] as number));
  }
});
