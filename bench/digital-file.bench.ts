// Measures a digital PDF of 30 pages: with its own text, beside the same pages read as images, and its export.
import { readFile } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { readWithPdfium } from '../test/exports/pdf/readers/pdfium.reader.ts';
import { wordsIn } from '../test/exports/pdf/readers/read-pdf.ts';
import { startRendering } from '../test/exports/pdf/rendering.ts';
import { createRow, type Row } from './row.ts';
import type { Visitor } from './visitor.ts';

const pageCount = 30;
const pollMs = 100;
const sentences = [
  'The harbour had been quiet since the ferry stopped running.',
  'Two engineers argued about the tide tables until supper; the office of the chief affiliate stayed shut.',
  'The price of coal, 39.00 a ton, was written on the door in chalk.',
  'Straßen, Übergänge und Brücken wurden für 12.450,00 € ausgebessert.',
  'La façade du bâtiment, déjà âgée, fut repeinte en été.',
];

export async function measureDigitalFile({ visitor }: { visitor: Visitor }): Promise<Row[]> {
  const rendering = await startRendering();
  const [digital, asImages] = await Promise.all(
    // one white word a page: then not all of its text is visible
    ['', '<i style="color: white">hidden</i>'].map(async (extra) => {
      const { path, pageCount: count } = await rendering.render({ html: buildReport(extra) });
      if (count !== pageCount) throw new Error(`The report has ${count} pages`);
      return readFile(path);
    }),
  );
  await rendering.stop();
  if (!digital || !asImages) throw new Error('No report was made');
  const images = await timeReading(visitor, asImages, 'ocr');
  const own = await timeReading(visitor, digital, 'pdf-text');
  const original = await readWithPdfium(digital);
  const words = original.pages.map(({ text }) => wordsIn(text));
  const read = await Promise.all(
    own.pageIds.map(async (id) =>
      wordsIn((await visitor.call('GET', `/projects/${own.projectId}/pages/${id}`)).text),
    ),
  );
  const exported = await exportPdf(visitor, own.projectId);
  const carried = (await readWithPdfium(exported)).pages.map(({ text }) => wordsIn(text));
  for (const { projectId } of [images, own]) await visitor.removeProject(projectId);
  const row = (id: string, what: string, found: Pick<Row, 'value' | 'unit'> & Partial<Row>) =>
    createRow({ id: `digital-${id}`, what: `Digital PDF of ${pageCount} pages: ${what}`, ...found });
  return [
    row('ready', 'from the upload to the last page ready', {
      value: own.seconds,
      unit: 's',
      beside: { what: 'the same pages read as images', value: images.seconds, unit: 's' },
      target: { of: 'ratio', atMost: 0.1 },
    }),
    row('words', 'words that differ from the file’s', {
      value: countDifferent(words, read),
      unit: 'words',
      target: { of: 'value', atMost: 0 },
      note: `of ${words.flat().length}, in their order, character by character`,
    }),
    row('export', 'searchable PDF', {
      value: exported.length / 1000,
      unit: 'kB',
      beside: { what: 'the file', value: digital.length / 1000, unit: 'kB' },
      target: { of: 'ratio', atMost: 1.2 },
    }),
    row('export-words', 'words of the export that differ', {
      value: countDifferent(words, carried),
      unit: 'words',
      target: { of: 'value', atMost: 0 },
    }),
  ];
}

function buildReport(extra: string): string {
  const pages = Array.from({ length: pageCount }, (_, page) => {
    const lines = Array.from({ length: 24 }, (_, line) =>
      [0, 1, 2].map((add) => sentences[(page + line + add) % sentences.length]).join(' '),
    );
    const paragraphs = Array.from(
      { length: 6 },
      (_, part) => `<p>${lines.slice(part * 3, part * 3 + 3).join(' ')}</p>`,
    );
    return `<section><h1>${page + 1}. Chapter</h1>${paragraphs.join('')}${extra}</section>`;
  });
  return `<!doctype html><html lang="en"><title>Report</title><style>@page { size: A4; margin: 22mm }
section { break-after: page } section:last-child { break-after: auto } body { font: 8.5pt/1.3 serif; margin: 0 }</style>${pages.join('')}</html>`;
}

async function timeReading(visitor: Visitor, pdf: Buffer, textSource: string) {
  const projectId = await visitor.createProject(`Report (${textSource})`);
  const startedAt = performance.now();
  const form = new FormData();
  form.append('files', new Blob([new Uint8Array(pdf)], { type: 'application/pdf' }), 'report.pdf');
  const path = `${visitor.url}/api/v1/projects/${projectId}/pages`;
  const response = await fetch(path, { method: 'POST', headers: visitor.headers, body: form });
  if (response.status !== 201) throw new Error(`Upload: ${response.status} ${await response.text()}`);
  for (;;) {
    const { items } = await visitor.call('GET', `/projects/${projectId}/pages`);
    const pages = items as { id: string; status: string; textSource: string }[];
    const ready = pages.filter(({ status }) => status === 'ready');
    if (pages.some(({ status }) => status === 'failed')) throw new Error('A page failed');
    if (ready.length === pageCount) {
      const seconds = (performance.now() - startedAt) / 1000;
      if (ready.some((page) => page.textSource !== textSource))
        throw new Error(`Not all pages are ${textSource}`);
      return { projectId, seconds, pageIds: pages.map(({ id }) => id) };
    }
    await delay(pollMs);
  }
}

async function exportPdf(visitor: Visitor, projectId: string): Promise<Buffer> {
  const { id } = await visitor.call('POST', `/projects/${projectId}/exports`, { format: 'searchable-pdf' });
  const path = `/projects/${projectId}/exports/${id}`;
  for (;;) {
    const { status, failure } = await visitor.call('GET', path);
    if (status === 'failed') throw new Error(`The export failed: ${JSON.stringify(failure)}`);
    if (status === 'ready') break;
    await delay(pollMs);
  }
  const file = await fetch(`${visitor.url}/api/v1${path}/file`, { headers: visitor.headers });
  return Buffer.from(await file.arrayBuffer());
}

/** Words that are not at their place, or are missing or too many. */
function countDifferent(expected: string[][], found: string[][]): number {
  return expected.reduce((count, words, page) => {
    const other = found[page] ?? [];
    const length = Math.max(words.length, other.length);
    return (
      count + Array.from({ length }, (_, at) => words[at] === other[at]).filter((isSame) => !isSame).length
    );
  }, 0);
}
