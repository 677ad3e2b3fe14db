// Measures the Textract-compatible server on scans, on pages with known word positions, on pages in every language, and on
// special cases beside the scans, when there are any.
import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import pLimit from 'p-limit';
import { isDoubtful } from '../src/text/unsure-words.ts';
import { drawLanguagePage, languagePages } from './language-pages.ts';
import { drawPlacedWords } from './placed-words.ts';
import { createRow, median, type Row } from './row.ts';
import type { Scan } from './scans.ts';
import { type DetectedWord, startTextServer, type TextServer } from './text-server.ts';
import { inOrder, lettersOf, shareFound, wordsOf } from './word-order.ts';

const workers = 2;

export async function measureTextServer(given: { scans: Scan[] }): Promise<Row[]> {
  const server = await startTextServer({ workers });
  try {
    const rows = await measureScans(server, given.scans);
    rows.push(await measurePlaces(server), ...(await measureCases(server, given.scans)));
    rows.push(...(await measureLanguages(server)));
    return rows;
  } finally {
    await server.stop();
  }
}

async function measureScans(server: TextServer, scans: Scan[]): Promise<Row[]> {
  const limit = pLimit(workers);
  const pages = await Promise.all(scans.map(({ image }) => limit(() => server.detect(image))));
  const counts = { wrong: 0, wrongMarked: 0, right: 0, rightMarked: 0 };
  for (const [i, { truth }] of scans.entries()) {
    for (const { word, isRight } of judgeWords(truth, pages[i]?.words ?? [])) {
      const marked = isDoubtful(word) ? 1 : 0;
      counts[isRight ? 'right' : 'wrong'] += 1;
      counts[isRight ? 'rightMarked' : 'wrongMarked'] += marked;
    }
  }
  return [
    createRow({
      id: 'server-memory',
      what: 'Memory of the text server',
      value: server.mostMemory(),
      unit: 'MB',
      target: { of: 'value', atMost: 600 },
      note: `peak of the server and its ${workers} readers during the scans; shared pages count once (PSS)`,
    }),
    createRow({
      id: 'doubt-wrong',
      what: 'Wrong words that are marked',
      value: counts.wrongMarked / counts.wrong,
      unit: '',
      target: { of: 'value', atLeast: 0.75 },
      note: `${counts.wrong} words that are not in the scans' texts`,
    }),
    createRow({
      id: 'doubt-right',
      what: 'Right words that are marked',
      value: counts.rightMarked / counts.right,
      unit: '',
      target: { of: 'value', atMost: 0.08 },
    }),
  ];
}

/** Words with letters or digits; right is one whose every part the text still has. */
function judgeWords(truth: string, words: DetectedWord[]): { word: DetectedWord; isRight: boolean }[] {
  const partsOf = (text: string) => text.toUpperCase().match(/[A-Z0-9]+/g) ?? [];
  const left = new Map<string, number>();
  for (const part of partsOf(truth)) left.set(part, (left.get(part) ?? 0) + 1);
  return words.flatMap((word) => {
    const parts = partsOf(word.text);
    if (parts.length === 0) return [];
    const isRight = parts.map((part) => {
      const count = left.get(part) ?? 0;
      left.set(part, Math.max(0, count - 1));
      return count > 0;
    });
    return [{ word, isRight: isRight.every(Boolean) }];
  });
}

async function measurePlaces(server: TextServer): Promise<Row> {
  const { image, words, size } = await drawPlacedWords();
  const found = (await server.detect(image)).words;
  const offsets = words.map(({ text, centre, height }) => {
    const distances = found
      .filter((word) => word.text === text)
      .map((word) =>
        Math.hypot(word.centre.x * size.width - centre.x, word.centre.y * size.height - centre.y),
      );
    return Math.min(...distances, Number.POSITIVE_INFINITY) / height;
  });
  return createRow({
    id: 'word-centres',
    what: 'Words whose centre is within 0.15 of their height',
    value: offsets.filter((off) => off <= 0.15).length / offsets.length,
    unit: '',
    target: { of: 'value', atLeast: 0.95 },
    note: `of ${words.length} words of a generated page; the median offset is ${median(offsets).toFixed(3)} of the height`,
  });
}

async function measureCases(server: TextServer, scans: Scan[]): Promise<Row[]> {
  const folder = join(dirname(scans[0]?.path ?? ''), '../cases');
  const read = async (name: string) => {
    const image = await readFile(join(folder, `${name}.jpg`)).catch(() => undefined);
    return image && server.detect(image);
  };
  const truthOf = async (name: string) => wordsOf(await readFile(join(folder, `${name}.txt`), 'utf8'));
  const rows: Row[] = [];
  const addShare = (id: string, what: string, value: number, atLeast: number) =>
    rows.push(createRow({ id: `case-${id}`, what, value, unit: '', target: { of: 'value', atLeast } }));
  const wordsRead = (lines: string[]) => wordsOf(lines.join('\n'));

  const table = await read('table');
  if (!table) return rows;
  const { rows: tableRows } = JSON.parse(await readFile(join(folder, 'table.json'), 'utf8')) as {
    rows: string[][];
  };
  const right = tableRows.filter((cells) => table.lines.includes(cells.join(' '))).length;
  addShare('table', 'Rows of a table with every cell right', right / tableRows.length, 1);
  const letter = await read('letter');
  if (letter)
    addShare('letter', 'German letter', shareFound(await truthOf('letter'), wordsRead(letter.lines)), 0.95);
  const columns = await read('columns');
  if (columns)
    addShare(
      'columns',
      'Columns, words in order',
      inOrder(await truthOf('columns'), wordsRead(columns.lines)),
      0.97,
    );
  for (const [turned, text] of [
    ['sideways', 'contract'],
    ['upside-down', 'letter'],
  ] as const) {
    const [page, upright] = [await read(turned), await read(text)];
    if (!page || !upright) continue;
    const truth = await truthOf(text);
    const lost = shareFound(truth, wordsRead(upright.lines)) - shareFound(truth, wordsRead(page.lines));
    rows.push(
      createRow({
        id: `case-${turned}`,
        what: `Words lost where a page lies ${turned}`,
        value: Math.max(0, lost),
        unit: '',
        target: { of: 'value', atMost: 0.02 },
      }),
    );
  }
  const blank = await read('blank');
  if (blank) {
    rows.push(
      createRow({
        id: 'case-blank',
        what: 'Words on a blank page',
        value: blank.words.length,
        unit: '',
        target: { of: 'value', atMost: 0 },
      }),
    );
  }
  return rows;
}

async function measureLanguages(server: TextServer): Promise<Row[]> {
  const rows: Row[] = [];
  for (const page of languagePages) {
    const { lines } = await server.detect(await drawLanguagePage(page));
    const split = page.byLetters ? lettersOf : wordsOf;
    rows.push(
      createRow({
        id: `language-${page.language}`,
        what: `${page.byLetters ? 'Letters' : 'Words'} in ${nameOf(page.language)}`,
        value: shareFound(split(page.lines.join('\n')), split(lines.join('\n'))),
        unit: '',
        target: { of: 'value', atLeast: page.atLeast },
        ...(page.language === 'en' && {
          note: 'generated pages without a language setting',
        }),
      }),
    );
  }
  return rows;
}

function nameOf(language: string): string {
  return new Intl.DisplayNames(['en'], { type: 'language' }).of(language) ?? language;
}
