// The container's entry point, tried without a container: `node` and `tini` are programs of ours that say how they were called.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chmodSync, cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, test } from 'node:test';

const repository = path.join(import.meta.dirname, '../..');
const home = mkdtempSync(path.join(tmpdir(), 'paperlift-start-'));
after(() => rmSync(home, { recursive: true }));

cpSync(path.join(repository, 'image/start.sh'), path.join(home, 'start.sh'));
mkdirSync(path.join(home, 'words'));
cpSync(path.join(repository, 'image/words/product'), path.join(home, 'words/product'));
mkdirSync(path.join(home, 'bin'));
for (const program of ['node', 'tini']) {
  const file = path.join(home, 'bin', program);
  writeFileSync(
    file,
    `#!/bin/sh\necho ${program} "$@"; echo handler=$_HANDLER root=$LAMBDA_TASK_ROOT in=$PWD\n`,
  );
  chmodSync(file, 0o755);
}

function start(words: string[], env: Record<string, string> = {}) {
  const { status, stdout, stderr } = spawnSync(path.join(home, 'start.sh'), words, {
    env: { PATH: `${home}/bin:/usr/bin:/bin`, ...env },
    encoding: 'utf8',
  });
  return { status, stdout, stderr };
}

const runtimeApi = { AWS_LAMBDA_RUNTIME_API: '127.0.0.1:9001' };

test('web and worker run their bundles, in the folder of the product', () => {
  for (const [word, bundle] of Object.entries({ web: 'server', worker: 'worker' })) {
    const { status, stdout } = start([word]);
    assert.equal(status, 0);
    assert.equal(stdout, `node ${home}/dist/${bundle}.mjs\nhandler= root= in=${home}\n`);
  }
});

test('on Lambda the word chooses the handler, and the runtime interface client runs it', () => {
  for (const [word, bundle] of Object.entries({
    'lambda-web': 'lambda',
    'lambda-worker': 'lambda-worker',
    'lambda-pre-token': 'lambda-pre-token',
  })) {
    const { status, stdout } = start([word], runtimeApi);
    assert.equal(status, 0);
    const client = `node ${home}/runtime-interface-client/index.mjs`;
    assert.equal(stdout, `${client}\nhandler=dist/${bundle}.handler root=${home} in=${home}\n`);
  }
});

test('what cannot run is refused with 64, a reason and the words that there are', () => {
  const table = readFileSync(path.join(home, 'words/product'), 'utf8').trim();
  const words = table.replace(/^(\S+).*$/gm, '$1').replaceAll('\n', ' ');
  assert.match(words, /\bweb worker\b/);
  for (const [given, env, reason] of [
    [[], {}, 'no word was given'],
    [[''], {}, 'there is no ""'],
    [['wob'], {}, 'there is no "wob"'],
    [['web;id'], {}, 'there is no "web;id"'],
    [['dist/server.mjs'], {}, 'there is no "dist/server.mjs"'],
    [['web', 'worker'], {}, '"web" takes nothing after it: worker'],
    [['lambda-web'], {}, '"lambda-web" runs on AWS Lambda only'],
    [['textract'], {}, 'there is no "textract"'],
    [['web'], runtimeApi, '"web" does not run on AWS Lambda'],
    [['worker'], runtimeApi, '"worker" does not run on AWS Lambda'],
  ] as [string[], Record<string, string>, string][]) {
    const { status, stdout, stderr } = start(given, env);
    assert.equal(status, 64, given.join(' '));
    assert.equal(stdout, '');
    assert.ok(stderr.includes(reason), stderr);
    assert.ok(stderr.includes(words), stderr);
  }
});

test('a word that takes more hands it on as it is', () => {
  const { stdout } = start(['audit', 'verify', 'a b', '*']);
  assert.ok(stdout.startsWith(`node ${home}/dist/audit.mjs verify a b *\n`), stdout);
});

test('the second target’s words are known only where it has put them', () => {
  const local = path.join(home, 'words/local');
  writeFileSync(local, readFileSync(path.join(repository, 'image/words/local')));
  try {
    assert.ok(start(['textract']).stdout.startsWith(`node ${home}/src/local/textract/main.ts\n`));
    assert.ok(start(['local', 'ready']).stdout.startsWith(`node ${home}/src/local/service.ts ready\n`));
    assert.ok(start(['web']).stdout.startsWith(`node ${home}/dist/server.mjs\n`));
  } finally {
    rmSync(local);
  }
});
