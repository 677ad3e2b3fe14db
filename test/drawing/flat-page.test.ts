import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import sharp from 'sharp';
import { loadFlatPage } from '../../src/drawing/flat-page.ts';
import { openWithPdfium } from '../../src/drawing/pdfium.ts';
import { buildPdf, type PdfPage } from '../support/documents.ts';
import { leastProcessorMs } from '../support/processor-time.ts';

const note = '/Annots[<</Type/Annot/Subtype/FreeText/Contents(Seen)/Rect[20 200 220 220]/DA(/F 12 Tf 0 g)>>]';

test('notes become content without drawing the page: a copy of hundreds of pages has one time limit', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'paperlift-flat-'));
  t.after(() => rm(folder, { recursive: true }));
  const flatteningMs = async (name: string, page: PdfPage) => {
    const path = join(folder, name);
    await writeFile(path, await buildPdf([page, page, page]));
    const { pdfium, document } = await openWithPdfium(path);
    let number = 0;
    return leastProcessorMs(3, () => {
      number += 1;
      const loaded = loadFlatPage(pdfium, document, number);
      assert.equal(pdfium._FPDFPage_GetAnnotCount(loaded), 0, 'the note is content');
      pdfium._FPDF_ClosePage(loaded);
    });
  };
  const large = await sharp({ create: { width: 4000, height: 3000, channels: 3, background: '#789' } })
    .jpeg()
    .toBuffer();
  const mediaBox = `[0 0 300 400]${note}`;
  const empty = await flatteningMs('empty.pdf', { mediaBox, content: '' });
  const photograph = await flatteningMs('photograph.pdf', { mediaBox, image: large });
  assert.ok(photograph < 5 * empty + 20, `${photograph} ms instead of ${empty} ms`);
});
