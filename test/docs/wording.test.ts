import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { test } from 'node:test';

const root = new URL('../../', import.meta.url).pathname;
const glossary = readFileSync(`${root}docs/wording.md`, 'utf8');

/** What the glossary's last column quotes, each with its term. */
const avoided = glossary
  .split('\n')
  .filter((line) => line.startsWith('| ') && line.split('|').length === 5)
  .flatMap((line) => {
    const [, term = '', , not = ''] = line.split('|');
    return [...not.matchAll(/"([^"]+)"/g)].map(([, phrase = '']) => ({ term: term.trim(), phrase }));
  });

/** The text of a file that people read, line by line: not code, comments, markup or code blocks. */
function readable(name: string, text: string): string {
  const blank = (found: string) => found.replaceAll(/[^\n]/g, '');
  if (name.endsWith('.eta')) {
    const shown = text.replaceAll(/<%(?![\s\S]*?'[^']* [^']*')[\s\S]*?%>/g, blank);
    return shown.replaceAll(/ (?:class|id|href|action|for|name|src)="[^"]*"/g, blank);
  }
  if (/\.[jt]s$/.test(name)) {
    const code = text.replaceAll(/\/\*[\s\S]*?\*\//g, blank).replaceAll(/(?:^|[ \t])\/\/.*$/gm, '');
    return code
      .split('\n')
      .map((line) =>
        (line.match(/'[^']+'|`[^`]+`?|"[^"]+"/g) ?? []).filter((one) => one.includes(' ')).join(' '),
      )
      .join('\n');
  }
  return text.replaceAll(/```[\s\S]*?```/g, blank);
}

test('pages, messages and documents keep to the words of docs/wording.md', () => {
  assert.ok(avoided.length > 30, 'the glossary says what to avoid');
  const names = globSync(
    [
      'views/**/*.eta',
      'public/**/*.js',
      'src/**/*.ts',
      'infra/stacks/**/*.ts',
      'docs/*.md',
      '*.md',
      '.env.example',
    ],
    { cwd: root },
  ).filter((name) => name !== 'docs/wording.md');
  const found = names.flatMap((name) =>
    readable(name, readFileSync(`${root}${name}`, 'utf8'))
      .split('\n')
      .flatMap((line, at) =>
        avoided
          .filter(({ phrase }) => new RegExp(`(?<![\\w-])${phrase}(?![\\w-])`, 'i').test(line))
          .map(({ phrase, term }) => `${name}:${at + 1} says “${phrase}”: see “${term}” in docs/wording.md`),
      ),
  );
  assert.deepEqual(found, []);
});
