// How a trail is read: page numbers, file names and people's names in the place of ids.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { toCsv } from '../../src/audit/audit.csv.ts';
import { presentEntry } from '../../src/audit/audit.presenter.ts';
import type { AuditEntry } from '../../src/audit/audit.ts';
import type { Piece } from '../../src/audit/audit-detail.presenter.ts';
import { namesIn } from '../../src/audit/audit-names.ts';

const [six, seven, gone, file] = ['6', '7', '8', '9'].map((end) => `01JDF3Q4R5S6T7V8W9X0Y1Z2A${end}`) as [
  string,
  string,
  string,
  string,
];

const names = {
  project: (id: string) => (id === 'P' ? 'May' : undefined),
  page: (id: string) =>
    ({ [six]: { number: 6, fileName: 'a.jpg' }, [seven]: { number: 7, fileName: 'b.jpg' } })[id] ??
    (id === gone ? { fileName: 'gone.jpg' } : undefined),
  file: (id: string) => (id === file ? 'lease.pdf' : undefined),
  person: (id: string) => (id === 'p-2' ? 'Bob' : undefined),
};

function buildEntry(entry: Partial<AuditEntry>): AuditEntry {
  return {
    trail: 'project:P',
    number: 1,
    id: 'e',
    at: '2026-11-21T09:00:00.000Z',
    actorId: 'p-1',
    actorName: 'Alice',
    action: 'page.changed',
    projectId: 'P',
    previous: '0',
    hash: 'h',
    ...entry,
  };
}

/** Names in brackets, as the views isolate them. */
const said = (pieces: Piece[]) => pieces.map(({ text, isName }) => (isName ? `[${text}]` : text)).join('');

function say(entry: Partial<AuditEntry>): string[] {
  const { sentence, detail, fileName } = presentEntry(buildEntry(entry), new Date(), names);
  return [said(sentence), said(detail), fileName].filter(Boolean);
}

describe('an audit entry', () => {
  const cases: [Partial<AuditEntry>, string[]][] = [
    [{ pageId: six, detail: 'rotated to 90°' }, ['rotated page 6', 'a.jpg']],
    [{ pageId: six, detail: 'moved to 4' }, ['moved page 6 to position 4', 'a.jpg']],
    [{ pageId: six, detail: 'marked as reviewed' }, ['marked page 6 as reviewed', 'a.jpg']],
    [
      { pageId: six, detail: 'corrected l3; accepted l3.2' },
      ['corrected the text of page 6', 'corrected line 3; accepted line 3 word 2', 'a.jpg'],
    ],
    [{ pageId: six, detail: 'something newer' }, ['changed page 6', 'something newer', 'a.jpg']],
    [
      { detail: `rotated by 90°; 2 pages: ${six} ${seven}` },
      ['rotated 2 pages', 'rotated by 90°; 2 pages: 6, 7'],
    ],
    [{ action: 'page.deleted', pageId: gone, fileName: 'old name.jpg' }, ['deleted a page', 'old name.jpg']],
    [
      { action: 'page.deleted', detail: `3 pages: ${six} ${gone} ${'0'.repeat(26)}` },
      ['deleted 3 pages', '3 pages: 6, [gone.jpg], deleted'],
    ],
    [{ action: 'pages.added', detail: `1 file: ${file}` }, ['added 1 file', '1 file: [lease.pdf]']],
    [{ action: 'import.split', detail: file }, ['split [lease.pdf] into pages']],
    [{ action: 'import.removed', detail: gone, fileName: 'x.pdf' }, ['removed [x.pdf] and its pages']],
    [{ action: 'project.renamed', detail: '“שלום” → “May”' }, ['renamed the project', '[שלום] → [May]']],
    [{ action: 'person.disabled', personId: 'p-2' }, ['blocked access for [Bob]']],
    [{ action: 'person.signed-out', personId: 'p-1' }, ['signed themselves out everywhere']],
  ];
  for (const [entry, expected] of cases) {
    it(`reads: ${expected.join(' | ')}`, () => {
      assert.deepEqual(say(entry), expected);
    });
  }

  it('names a project and a file that are gone by what older entries say', () => {
    const older = [
      buildEntry({ projectName: 'Named once', pageId: gone, fileName: 'kept.jpg' }),
      buildEntry({ actorId: 'system', actorName: 'Paperlift', action: 'page.erased', pageId: gone }),
    ];
    const known = namesIn(older);
    const entry = presentEntry(older[1] as AuditEntry, new Date(), known);
    assert.deepEqual([entry.project, entry.fileName], ['Named once', 'kept.jpg']);
  });

  it('is a row with page number, file name and person in the CSV, and its ids behind them', async () => {
    const [head, row] = (
      await toCsv([buildEntry({ pageId: six, personId: 'p-2', detail: 'moved to 4' })], names)
    )
      .replace('\ufeff', '')
      .split('\r\n')
      .map((line) => line.split(','));
    const cell = (name: string) => row?.[head?.indexOf(name) ?? -1];
    assert.deepEqual(['what', 'projectName', 'pageNumber', 'fileName', 'personName', 'pageId'].map(cell), [
      'moved page 6 to position 4',
      'May',
      '6',
      'a.jpg',
      'Bob',
      six,
    ]);
  });

  /** The cells of a row as a program reads them that knows one separator, and quotes only where a cell begins. */
  function cellsOf(csv: string, separator: string): string[] {
    const cells: string[] = [];
    let rest = csv.replace('\ufeff', '');
    const plain = new RegExp(`^[^${separator}\r\n]*`);
    while (rest) {
      const quoted = /^"((?:[^"]|"")*)"/.exec(rest);
      const found = quoted ?? plain.exec(rest);
      const tail = quoted ? (plain.exec(rest.slice(quoted[0].length))?.[0] ?? '') : '';
      cells.push((quoted?.[1]?.replaceAll('""', '"') ?? found?.[0] ?? '') + tail);
      rest = rest.slice((found?.[0].length ?? 0) + tail.length + 1);
    }
    return cells;
  }

  for (const separator of [',', ';', '\t']) {
    it(`has no cell that begins like a formula where ${JSON.stringify(separator)} separates cells`, async () => {
      const hostile = [
        '=1+1',
        'a;=1+1',
        'a,=1+1',
        'x";=1+1',
        'a\t=1',
        '"=1',
        ';+1',
        ';;-1',
        'b;@SUM(1)',
        'c;\t=1',
        'd\r\n=1',
        'e;＝1',
        '\t=1',
        '\n=1',
      ];
      const entries = hostile.map((projectName) =>
        buildEntry({ projectName, projectId: 'gone', detail: projectName }),
      );
      const cells = cellsOf(await toCsv(entries, namesIn(entries)), separator);
      assert.deepEqual(
        cells.filter((cell) => /^[=+\-@\t\r＝＋－＠]/.test(cell)),
        [],
      );
      if (separator === ',') assert.ok(cells.includes("a;'=1+1"));
    });
  }
});
