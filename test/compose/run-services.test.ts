import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { parseComposeFile } from '../../scripts/compose/compose-file.ts';
import type { Engine } from '../../scripts/compose/engine.ts';
import { findPorts, planServices } from '../../scripts/compose/plan.ts';
import { runServices } from '../../scripts/compose/run-services.ts';

const file = `
x-build: &build { build: { context: ., target: local } }
services:
  web:
    <<: *build
    command: [web]
    environment: { HOST: 0.0.0.0, PORT: '3000', S3_ENDPOINT: 'http://store:4566', PUBLIC_URL: 'http://localhost:3000' }
    ports: ['127.0.0.1:3000:3000']
    healthcheck: { test: [CMD, ask, 'http://127.0.0.1:3000/health'] }
    depends_on: { store: { condition: service_healthy }, setup: { condition: service_completed_successfully } }
  setup: { <<: *build, command: [setup], depends_on: { store: { condition: service_healthy } } }
  store:
    <<: *build
    command: [store]
    environment: { LIMIT: '30000', NAME: store, ADDRESS: '\${ADDRESS:-none}' }
    healthcheck: { test: 'ask http://127.0.0.1:4566' }
  other: { image: 'other:1.2.3' }
`;
const ports = new Map([
  [3000, 13000],
  [4566, 14566],
]);
const plan = () => planServices(parseComposeFile(file), ports);

describe('a plan', () => {
  test('knows every port that somebody uses', () => {
    assert.deepEqual(findPorts(parseComposeFile(file)).sort(), [3000, 4566]);
  });

  test('has the services that are made here, each after those that it depends on', () => {
    assert.deepEqual(
      plan().map(({ name }) => name),
      ['store', 'setup', 'web'],
    );
  });

  test('has names and ports of this machine, and nothing else changed', () => {
    const [store, , web] = plan();
    assert.deepEqual(web?.env, {
      HOST: '127.0.0.1',
      PORT: '13000',
      S3_ENDPOINT: 'http://127.0.0.1:14566',
      PUBLIC_URL: 'http://localhost:13000',
    });
    assert.deepEqual(web?.healthcheck, ['ask', 'http://127.0.0.1:13000/health']);
    assert.deepEqual(store?.env, { LIMIT: '30000', NAME: 'store', ADDRESS: 'none' });
    assert.deepEqual(store?.healthcheck, ['/bin/sh', '-c', 'ask http://127.0.0.1:14566']);
  });

  test('of services that wait for each other is none', () => {
    const circle = `services:
  a: { build: ., depends_on: { b: { condition: service_healthy } } }
  b: { build: ., depends_on: { a: { condition: service_healthy } } }`;
    assert.throws(() => planServices(parseComposeFile(circle), ports), /a → b → a: none of them can start/);
  });
});

/** An engine in which nothing runs. It notes what is asked of it. */
function createNotingEngine(behaviour: { endCode?: number; healthy?: (name: string) => boolean } = {}) {
  const notes: string[] = [];
  const engine: Engine = {
    description: 'nothing',
    async start({ name, args }) {
      notes.push(`start ${name}`);
      const { promise, resolve } = Promise.withResolvers<number | null>();
      if (args[0] === 'setup') resolve(behaviour.endCode ?? 0);
      return {
        lines: [`${name} says this`],
        exited: promise,
        async execute() {
          if (behaviour.healthy?.(name) === false) throw new Error('no');
          notes.push(`${name} is well`);
          return '';
        },
        async stop() {
          notes.push(`stop ${name}`);
          resolve(0);
          return 0;
        },
      };
    },
    async close() {
      notes.push('close');
    },
  };
  return { engine, notes };
}

describe('running services', () => {
  const print = () => {};

  test('starts each when those before it are well or have done their work, and ends them the other way round', async () => {
    const { engine, notes } = createNotingEngine();
    const { stop } = await runServices({ engine, services: plan(), print });
    assert.deepEqual(notes, ['start store', 'store is well', 'start setup', 'start web', 'web is well']);
    assert.deepEqual(await stop(), { web: 0, setup: 0, store: 0 });
    assert.deepEqual(notes.slice(5), ['stop web', 'stop setup', 'stop store', 'close']);
  });

  test('fails with what a service said that did not do its work, starts nothing after it and ends what runs', async () => {
    const { engine, notes } = createNotingEngine({ endCode: 3 });
    await assert.rejects(
      runServices({ engine, services: plan(), print }),
      /setup ended with 3:\nsetup says this/,
    );
    assert.ok(!notes.includes('start web'));
    assert.deepEqual(notes.slice(-3), ['stop setup', 'stop store', 'close']);
  });

  test('waits until a service is well, however often it has to ask', async () => {
    let asked = 0;
    const { engine, notes } = createNotingEngine({ healthy: (name) => name !== 'web' || ++asked > 2 });
    await runServices({ engine, services: plan(), print });
    assert.equal(asked, 3);
    assert.equal(notes.at(-1), 'web is well');
  });
});
