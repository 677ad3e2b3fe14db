// The engine that the search index was compared with (docs/decisions/0032): SQLite's FTS5 in a file of its own.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { keysOf, lookedUp, readQuery } from '../src/search/words.ts';

interface SqliteSearch {
  /** Milliseconds: to write the file and open it, as a new process does; to find pages; to change one. */
  openMs: number;
  askMs: number[];
  changeMs: number[];
  /** What is put into S3 whenever a page changes. */
  fileBytes: number;
}

const maxFound = 21;
const changes = 20;

/** Indexes the texts, runs each query, and changes pages, each of which writes the file again. */
export function measureSqliteSearch(texts: string[], queries: string[], folder: string): SqliteSearch {
  const path = join(folder, 'search.sqlite');
  const wordsOf = (text: string) => [...keysOf(text)].join(' ');
  const index = new DatabaseSync(path);
  index.exec(`CREATE VIRTUAL TABLE pages USING
    fts5(words, prefix='1 2 3', detail=none, content='', contentless_delete=1)`);
  const insert = index.prepare('INSERT INTO pages(rowid, words) VALUES (?, ?)');
  const remove = index.prepare('DELETE FROM pages WHERE rowid = ?');
  index.exec('BEGIN');
  for (const [at, text] of texts.entries()) insert.run(at + 1, wordsOf(text));
  index.exec("COMMIT; INSERT INTO pages(pages) VALUES ('optimize'); VACUUM");

  const openMs = timed(() => {
    const copy = join(folder, 'copy.sqlite');
    writeFileSync(copy, readFileSync(path));
    const opened = new DatabaseSync(copy, { readOnly: true });
    ask(opened, queries[0] as string);
    opened.close();
  });
  const askMs = queries.map((query) => timed(() => ask(index, query)));
  const changeMs = Array.from({ length: changes }, (_, at) => {
    const words = wordsOf(`${texts[at]} changed${at}`);
    return timed(() => {
      index.exec('BEGIN');
      remove.run(at + 1);
      insert.run(at + 1, words);
      index.exec('COMMIT');
      readFileSync(path);
    });
  });
  const fileBytes = readFileSync(path).length;
  index.close();
  return { openMs, askMs, changeMs, fileBytes };
}

/** Pages that contain every word, newest first, as the search service proposes them. */
function ask(index: DatabaseSync, typed: string) {
  const words = lookedUp(readQuery(typed)).map(
    ({ keys }) => `(${keys.map((key) => `"${key}" *`).join(' OR ')})`,
  );
  return index
    .prepare(`SELECT rowid FROM pages WHERE pages MATCH ? ORDER BY rowid DESC LIMIT ${maxFound}`)
    .all(words.join(' AND '));
}

function timed(act: () => unknown): number {
  const startedAt = performance.now();
  act();
  return performance.now() - startedAt;
}
