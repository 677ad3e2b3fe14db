import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { fuseGraph } from '../../../../src/local/textract/engine/graph-fusing.ts';
import { toPlanes } from '../../../../src/local/textract/engine/image.ts';
import { findModels } from '../../../../src/local/textract/engine/models.ts';
import { readModel, writeModel } from '../../../../src/local/textract/engine/onnx-file.ts';
import { loadRuntime } from '../../../../src/local/textract/engine/runtime.ts';
import { buildLines, buildPrintedPage } from '../printed-page.ts';

test('the fused detection model finds the same with a third of the nodes less', async () => {
  const file = readFileSync(findModels().detection);
  const model = readModel(file);
  const before = model.nodes.length;
  fuseGraph(model);
  assert.ok(model.nodes.length < before * 0.7, `${model.nodes.length} of ${before}`);
  const [width, height] = [320, 448];
  const data = await buildPrintedPage({ lines: buildLines(4) })
    .resize(width, height, { fit: 'fill' })
    .removeAlpha()
    .raw()
    .toBuffer();
  const planes = toPlanes(
    { data, width, height },
    { width, scale: [4 / 255, 4 / 255, 4 / 255], offset: [-2, -2, -2] },
  );
  const runtime = await loadRuntime();
  const [plain, fused] = await Promise.all([runtime.load(file), runtime.load(writeModel(model))]);
  const expected = await plain.run(planes, [1, 3, height, width]);
  const found = await fused.run(planes, [1, 3, height, width]);
  assert.ok(
    expected.data.some((value) => value > 0.8),
    'the page has print',
  );
  for (const [i, value] of expected.data.entries()) assert.ok(Math.abs(value - (found.data[i] ?? 0)) < 1e-4);
});
