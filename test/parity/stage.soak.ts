// What the pipeline does with a stage, against `npm run local`: the same command, with the token of a service account that an
// administrator made in the browser.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { findFreePort } from '../support/free-port.ts';
import { createSite, findSite } from './site.ts';

const root = path.join(import.meta.dirname, '../..');
let base: string;
let stopStack: () => Promise<void>;

/** Starts a program, and collects what it prints. */
function start(file: string, env: Record<string, string>) {
  const child = spawn(process.execPath, [path.join(root, file)], {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const said = { text: '' };
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (said.text += chunk));
  return { child, said };
}

before(async () => {
  const [port, dataDirectory] = [
    await findFreePort(),
    await mkdtemp(path.join(tmpdir(), 'paperlift-stage-')),
  ];
  base = `http://localhost:${port}`;
  const { child, said } = start('src/local/main.ts', { PORT: String(port), LOCAL_DATA_DIR: dataDirectory });
  await new Promise<void>((resolve, reject) => {
    child.stdout.on('data', () => said.text.includes('Paperlift is ready') && resolve());
    child.once('exit', () => reject(new Error(said.text)));
  });
  stopStack = async () => {
    const ended = once(child, 'exit');
    child.kill('SIGTERM');
    await ended;
    await rm(dataDirectory, { recursive: true, force: true });
  };
});
after(() => stopStack());

/** As docs/pipeline.md tells the administrator of a stage. */
async function createServiceAccount(): Promise<{
  variables: Record<string, string>;
  revoke(): Promise<void>;
}> {
  const carol = await createSite(await findSite({ base })).signIn('carol@example.com');
  const body = new URLSearchParams({ _csrf: carol.csrfToken, name: 'stage checks' });
  for (const scope of ['projects.create', 'projects.take-part']) body.append('scopes', scope);
  const headers = { 'content-type': 'application/x-www-form-urlencoded' };
  const page = await carol.post('/admin/service-accounts', { body: body.toString(), headers });
  const shown = (id: string) => new RegExp(`<code id="${id}">([^<]+)</code>`).exec(page.text)?.[1] ?? '';
  const [clientId, secret] = [shown('client-id'), shown('client-secret')];
  const tokenUrl = /https?:\/\/\S+\/oauth2\/token/.exec(page.text)?.[0] ?? '';
  assert.ok(clientId && secret && tokenUrl, page.text);
  const revokePath = /action="(\/admin\/service-accounts\/[^"]+\/revoke)"/.exec(page.text)?.[1] ?? '';
  return {
    variables: {
      STAGE_URL: base,
      STAGE_TOKEN_URL: tokenUrl,
      STAGE_CLIENT_ID: clientId,
      STAGE_CLIENT_SECRET: secret,
    },
    revoke: async () => assert.equal((await carol.submit(revokePath)).status, 303),
  };
}

async function runStageCheck(variables: Record<string, string>) {
  const { child, said } = start('scripts/stage-check.ts', variables);
  const [code] = await once(child, 'exit');
  return { code, text: said.text };
}

test('a stage passes the pipeline’s checks with a service account, and fails them when that is revoked', async () => {
  const account = await createServiceAccount();
  const passed = await runStageCheck(account.variables);
  assert.equal(passed.code, 0, passed.text);
  assert.match(passed.text, /^(\d+) of \1 checks passed/m);

  await account.revoke();
  const refused = await runStageCheck(account.variables);
  assert.equal(refused.code, 1, refused.text);
});

test('a stage that is not ready, and variables that are missing, are said in words', async () => {
  const nowhere = `http://127.0.0.1:${await findFreePort()}`;
  const variables = {
    STAGE_TOKEN_URL: nowhere,
    STAGE_CLIENT_ID: 'a',
    STAGE_CLIENT_SECRET: 'b',
    STAGE_READY_SECONDS: '1',
  };
  const { code, text } = await runStageCheck({ ...variables, STAGE_URL: nowhere });
  assert.deepEqual([code, text.includes('is not ready')], [1, true], text);
  const missing = await runStageCheck({ ...variables, STAGE_URL: 'no url', STAGE_CLIENT_ID: '' });
  assert.equal(missing.code, 2);
  assert.match(missing.text, /STAGE_URL: [\s\S]*STAGE_CLIENT_ID: /);
});
