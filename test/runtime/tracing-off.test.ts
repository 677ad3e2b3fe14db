// What telemetry costs where it is off: nothing is loaded, sent or written. The phases of a request are logged all the same.
import assert from 'node:assert/strict';
import { registerHooks } from 'node:module';
import { test } from 'node:test';

const loaded: string[] = [];
registerHooks({
  resolve(specifier, context, next) {
    if (/opentelemetry/.test(specifier)) loaded.push(specifier);
    return next(specifier, context);
  },
});
const { startPaperlift } = await import('../support/paperlift.ts');
const { textJpeg } = await import('../support/images.ts');
const { addPage } = await import('../support/shown-pages.ts');

test('off, nothing of OpenTelemetry is loaded, and messages and lines name no trace', async () => {
  const paperlift = await startPaperlift({ worker: true, textract: ['a'], databaseFaults: true });
  try {
    const alice = await paperlift.signIn('alice@example.com');
    const page = await addPage(alice, { jpeg: await textJpeg(['a']) });
    await page.whenReady();
    paperlift.database.when('Query', { kind: 'slow', ms: 3000 });
    await alice.agent.get(`/projects/${page.project}`).set('x-request-start', `t=${Date.now() - 5000}`);
    paperlift.database.clear();
    assert.deepEqual(loaded, []);
    assert.ok(!/traceId|spanId|traceparent/.test(paperlift.logs.text()));

    const line = paperlift.logs
      .entries()
      .findLast(({ msg, path }) => msg === 'request' && path === `/projects/${page.project}`);
    const { ms, queueMs, sessionMs, storeMs, renderMs, sendMs } = line as Record<string, number>;
    const shown = JSON.stringify(line);
    assert.equal(line?.status, 200, shown);
    assert.ok(Number(queueMs) >= 5000 && Number(queueMs) < 10_000, shown);
    assert.ok(Number(storeMs) >= 2990, shown);
    for (const phase of [sessionMs, renderMs, sendMs])
      assert.ok(Number(phase) >= 0 && Number(phase) < 2000, shown);
    assert.ok(Number(ms) >= Number(sessionMs) + Number(storeMs) - 2, 'phases are parts of the whole');
  } finally {
    await paperlift.stop();
  }
});

test('the time of the session is the session’s, not the store’s', async () => {
  const paperlift = await startPaperlift({ databaseFaults: true });
  try {
    const { agent } = await paperlift.signIn('alice@example.com');
    paperlift.database.when('BatchGetItem', { kind: 'slow', ms: 3000 });
    await agent.get('/account');
    paperlift.database.clear();
    const line = paperlift.logs.entries().findLast(({ path }) => path === '/account');
    assert.ok(Number(line?.sessionMs) >= 2990 && Number(line?.storeMs) < 2000, JSON.stringify(line));
  } finally {
    await paperlift.stop();
  }
});
