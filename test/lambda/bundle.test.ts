// What the functions load, read from the bundles that production runs.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';

const root = path.join(import.meta.dirname, '../..');
let directory: string;
before(() => {
  directory = mkdtempSync(path.join(tmpdir(), 'paperlift-bundle-'));
  execFileSync(process.execPath, ['scripts/build.ts', '--outdir', directory], { cwd: root });
});
after(() => rmSync(directory, { recursive: true }));

/** The packages and sources in a bundle: `atStart`, or also those that it loads later. */
function contentsOf(entry: string, atStart: boolean) {
  const seen = new Set<string>();
  const found = new Set<string>();
  const read = (file: string) => {
    if (seen.has(file)) return;
    seen.add(file);
    const code = readFileSync(path.join(directory, file), 'utf8');
    for (const [, source] of code.matchAll(/^\/\/ (node_modules\/.*|src\/.*)$/gm))
      found.add(source as string);
    const imports = [...code.matchAll(/^(?:import|export)\b[^;]*?["']([^"']+)["'];?$/gm)];
    if (!atStart)
      imports.push(
        ...code.matchAll(/\bimport\(["']([^"']+)["']\)/g),
        ...code.matchAll(/import\.meta\.resolve\(["']([^"']+)["']\)/g),
      );
    for (const [, name = ''] of imports) {
      if (/^\.\/.*\.mjs$/.test(name)) read(path.basename(name));
      else found.add(name);
    }
  };
  read(entry);
  return [...found];
}

const holds = (contents: string[], name: string) => contents.some((one) => one.includes(name));

test('the web’s function never loads a browser, the worker’s does', () => {
  const web = contentsOf('lambda.mjs', false);
  const worker = contentsOf('lambda-worker.mjs', false);
  for (const name of ['puppeteer-core', '@sparticuz/chromium']) {
    assert.equal(holds(web, name), false, name);
    assert.equal(holds(worker, name), true, `${name} is found where it is`);
  }
});

test('the web’s function starts without what most requests do without', () => {
  const atStart = contentsOf('lambda.mjs', true);
  const ever = contentsOf('lambda.mjs', false);
  for (const name of [
    '@aws-sdk/client-dynamodb',
    '@aws-sdk/client-s3',
    '@aws-sdk/client-sqs',
    '@aws-sdk/client-cognito-identity-provider',
    '@aws-sdk/client-secrets-manager',
    '@aws-sdk/s3-request-presigner',
    'passport-saml',
    '@xmldom',
    'aws-jwt-verify',
    'node_modules/multer',
    'sharp',
    'src/openapi.ts',
  ]) {
    assert.equal(holds(atStart, name), false, name);
    assert.equal(holds(ever, name), true, `${name} is found where it is`);
  }
});

test('Node’s own modules are not imported, which would load all that they export', () => {
  const atStart = contentsOf('lambda.mjs', true);
  assert.deepEqual(
    atStart.filter((name) => /^(node:)?(http|https|crypto|fs)$/.test(name)),
    [],
  );
});
