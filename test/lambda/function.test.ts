// The web's function in a process of its own, behind what stands in for API Gateway and Lambda.
import assert from 'node:assert/strict';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { textJpeg } from '../support/images.ts';
import { type LambdaFunction, startFunction } from '../support/lambda/function.ts';
import { type LambdaFront, startLambdaFront } from '../support/lambda/http-front.ts';
import { type Paperlift, signIn, startPaperlift } from '../support/paperlift.ts';
import { waitFor } from '../support/wait.ts';

const module = path.join(import.meta.dirname, '../../src/lambda.ts');

let front: LambdaFront;
let paperlift: Paperlift;
let web: LambdaFunction;
before(async () => {
  front = await startLambdaFront();
  paperlift = await startPaperlift({ env: { PUBLIC_URL: front.url } });
  const env = { ...paperlift.standIns.env, PUBLIC_URL: front.url };
  web = startFunction({ module, runtimeApi: front.runtimeApi, env });
  await front.started;
});
after(async () => {
  await front.stop();
  await web.stop();
  await paperlift.stop();
});

test('somebody signs in and uploads a page, and what would not fit through Lambda gets the gateway’s 413', async () => {
  const { agent, csrfToken } = await signIn(front.url, 'alice@example.com');
  const send = (path: string) => agent.post(path).set('X-CSRF-Token', csrfToken);
  const { body: project } = await send('/api/v1/projects').send({ name: 'By Lambda' });
  const pages = `/api/v1/projects/${project.id}/pages`;
  const uploaded = await send(pages).attach('files', await textJpeg(['Invoice']), 'a.jpg');
  assert.equal(uploaded.status, 201, uploaded.text);
  const large = await send(pages).attach('files', Buffer.alloc(5 * 1024 * 1024), 'large.jpg');
  assert.equal(large.status, 413);
  const seen = await agent.get(`/projects/${project.id}`);
  assert.match(seen.text, /By Lambda/);
  const line = await waitFor('the log', async () =>
    web.lines.find((one) => one.includes('"POST"') && one.includes(`/projects/${project.id}/pages`)),
  );
  assert.equal(JSON.parse(line).status, 201);
});

test('many at once are answered one after the other', async () => {
  const answers = await Promise.all(
    Array.from({ length: 20 }, async () => (await fetch(`${front.url}/health/live`)).status),
  );
  assert.deepEqual(answers, Array(20).fill(200));
});

test('frozen between two requests until its services have hung up, it answers the next one', async () => {
  const { agent } = await signIn(front.url, 'bob@example.com');
  assert.equal((await agent.get('/')).status, 200);
  web.freeze();
  await new Promise((resolve) => setTimeout(resolve, 6000)); // Node hangs up after five seconds
  const answer = agent.get('/').then(({ status }) => status);
  web.thaw();
  assert.equal(await answer, 200);
});

test('an operator who forgot a variable is told so where Lambda looks', async () => {
  const other = await startLambdaFront();
  const { S3_BUCKET: _, ...env } = paperlift.standIns.env;
  const failing = startFunction({ module, runtimeApi: other.runtimeApi, env, quiet: true });
  try {
    await assert.rejects(other.started, /S3_BUCKET: is missing/);
  } finally {
    await other.stop();
    await failing.stop();
  }
});
