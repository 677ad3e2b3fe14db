import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';

const root = path.join(import.meta.dirname, '../..');
const read = (file: string) => readFileSync(path.join(root, file), 'utf8');
const dockerfile = read('Dockerfile');

interface Word {
  word: string;
  how: string;
  what: string;
}

function wordsOf(table: string): Word[] {
  const lines = read(`image/words/${table}`).trim().split('\n');
  return lines.map((line) => {
    const [word = '', how = '', what = ''] = line.split(/\s+/);
    return { word, how, what };
  });
}

test('every word of the image has a bundle, and every handler is one of a bundle', () => {
  const build = read('scripts/build.ts');
  const entries = [...build.matchAll(/^ {4}'?([a-z-]+)'?: 'src\//gm)].map((match) => match[1]);
  assert.ok(entries.length >= 5, 'the entry points of scripts/build.ts are found');
  for (const { word, how, what } of wordsOf('product')) {
    const [, bundle, ending] = /^dist\/([a-z-]+)\.(mjs|handler)$/.exec(what) ?? [];
    assert.ok(entries.includes(bundle), `${word} runs ${what}, which is not built`);
    assert.equal(ending, how === 'lambda' ? 'handler' : 'mjs', word);
  }
  for (const { word, what } of wordsOf('local')) {
    assert.ok(existsSync(path.join(root, what)), `${word} runs ${what}, which is not there`);
  }
});

test('docs/image.md says what every word is', () => {
  const documentation = read('docs/image.md');
  for (const { word } of [...wordsOf('product'), ...wordsOf('local')]) {
    assert.match(documentation, new RegExp(`^\\| \`${word}\\b`, 'm'), word);
  }
});

test('the image gets exactly the packages that the bundles leave out, but for the packaged browser', () => {
  const [, list = ''] = /external: \[([^\]]+)\]/.exec(read('scripts/build.ts')) ?? [];
  const external = [...list.matchAll(/'([^']+)'/g)].map((match) => match[1] as string);
  const [, copied = ''] = /copy-packages\.ts \. \/packages ([^&]+?) &&/.exec(dockerfile) ?? [];
  assert.deepEqual(
    copied.split(' ').sort(),
    external.filter((name) => name !== '@sparticuz/chromium').sort(),
  );
});

test('the Dockerfile is one that Debian’s buildah understands, and its base can be chosen', () => {
  assert.match(dockerfile, /^ARG BASE_IMAGE=node:24-bookworm-slim\n/);
  assert.doesNotMatch(dockerfile, /<<|--link|--mount|^# syntax/m);
  const images = [...dockerfile.matchAll(/^FROM (\S+)/gm)].map((match) => match[1]);
  const stages = [...dockerfile.matchAll(/^FROM \S+ AS (\S+)/gm)].map((match) => match[1]);
  for (const image of images)
    assert.ok(/^\$\{BASE_IMAGE\}$/.test(image as string) || stages.includes(image), image);
});

test('the product is built when no target is asked for, and ends as a user who is not root', () => {
  const last = dockerfile.slice(dockerfile.lastIndexOf('\nFROM ')).trim();
  assert.equal(last, 'FROM product');
  for (const stage of ['product', 'local']) {
    const [, body = ''] =
      new RegExp(`^FROM \\S+ AS ${stage}$([\\s\\S]*?)(?=^FROM )`, 'm').exec(dockerfile) ?? [];
    assert.equal(body.match(/^USER .*$/gm)?.at(-1), 'USER 10001:10001', stage);
  }
});

test('nothing but what the build copies reaches it: no secrets, no local state, no history', () => {
  const lines = read('.dockerignore')
    .split('\n')
    .filter((line) => line && !line.startsWith('#'));
  assert.equal(lines[0], '*', 'everything is left out at first');
  const allowed = lines.filter((line) => line.startsWith('!')).map((line) => line.slice(1));
  const wanted = [...dockerfile.matchAll(/^COPY (?!--from)(.+)$/gm)]
    .flatMap((match) => (match[1] as string).split(' ').slice(0, -1))
    .map((file) => file.replace(/\/$/, ''));
  for (const file of wanted) {
    assert.ok(
      allowed.some((one) => file === one || file.startsWith(`${one}/`)),
      `${file} is copied, but left out`,
    );
  }
  for (const one of allowed) {
    assert.ok(
      wanted.some((file) => file === one || file.startsWith(`${one}/`)),
      `${one} is let in, but not copied`,
    );
  }
  for (const kept of ['**/.*', '**/*.pem', '**/*.key', '**/node_modules']) {
    assert.ok(lines.indexOf(kept) > lines.findLastIndex((line) => line.startsWith('!')), `${kept} stays out`);
  }
});
