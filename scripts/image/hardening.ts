// Checks for every way of running the image: refusals, the user, the read-only root file system, health, signals.
import assert from 'node:assert/strict';
import { setTimeout as delay } from 'node:timers/promises';
import type { ImageConfig } from './buildah.ts';
import { type Container, runContainer } from './container.ts';

interface Image {
  root: string;
  config: ImageConfig;
}

const commands = ['web', 'worker', 'lambda-web', 'lambda-worker', 'lambda-pre-token'];

/** An unknown argument, or one for another target, is refused with exit code 64 and the list of arguments. */
export async function checkRefusals({ root, config }: Image): Promise<void> {
  const refused = [[], ['wob'], ['web', 'worker'], ['lambda-web'], ['textract']];
  for (const given of refused) {
    const { code, output } = await runContainer({ root, config, args: given });
    assert.equal(code, 64, `"${given.join(' ')}" ended with ${code}: ${output}`);
    for (const command of commands) assert.match(output, new RegExp(`\\b${command}\\b`));
  }
  const onLambda = { AWS_LAMBDA_RUNTIME_API: '127.0.0.1:9' };
  const { code } = await runContainer({ root, config, args: ['web'], env: onLambda });
  assert.equal(code, 64, 'the web process must not start on Lambda');
}

/** What the image says about itself. */
export function checkConfig(config: ImageConfig): void {
  assert.match(config.User, /^[1-9]\d*:[1-9]\d*$/, 'the user is a number, and not root');
  assert.deepEqual(config.Cmd, ['web']);
  assert.equal(config.Healthcheck?.Test[0], 'CMD');
  for (const label of ['title', 'description', 'licenses', 'version', 'revision']) {
    assert.ok(config.Labels[`org.opencontainers.image.${label}`], `the label ${label} is missing`);
  }
}

/** Nothing but /tmp can be written to, by a user who is not root. */
export async function checkReadOnly(container: Container): Promise<void> {
  const user = await container.execute(['id', '-u']);
  assert.notEqual(user.trim(), '0');
  await container.execute(['touch', '/tmp/writable']);
  for (const place of ['/', '/paperlift', '/paperlift/dist', '/var', '/home', '/var/cache/fontconfig']) {
    await assert.rejects(container.execute(['touch', `${place}/x`]), /Read-only file system/, place);
  }
}

/** Runs the image's health check as an engine does, until it first succeeds. */
export async function waitUntilHealthy(
  container: Container,
  config: ImageConfig,
  env: Record<string, string>,
) {
  const until = Date.now() + 30_000;
  const [, ...command] = config.Healthcheck?.Test ?? [];
  const variables = Object.entries(env).map(([name, value]) => `${name}=${value}`);
  for (;;) {
    try {
      return await container.execute(command, variables);
    } catch (error) {
      if (Date.now() > until)
        throw new Error(`It is not healthy:\n${container.lines.slice(-20).join('\n')}`, { cause: error });
      await delay(250);
    }
  }
}

/** The health check fails when the process hangs. */
export async function checkUnhealthy(container: Container, config: ImageConfig, env: Record<string, string>) {
  const [, ...command] = config.Healthcheck?.Test ?? [];
  const variables = Object.entries(env).map(([name, value]) => `${name}=${value}`);
  const [main] = await listChildren(container.firstProcess());
  assert.ok(main, 'tini has a child');
  process.kill(main, 'SIGSTOP');
  try {
    await assert.rejects(container.execute(command, variables));
  } finally {
    process.kill(main, 'SIGCONT');
  }
}

/** SIGTERM reaches the program behind the first process, which then ends in time. */
export async function checkStop(container: Container): Promise<number> {
  const startedAt = performance.now();
  const code = await container.stop();
  const ms = Math.round(performance.now() - startedAt);
  assert.equal(code, 0, `ended with ${code}: ${container.lines.slice(-10).join('\n')}`);
  assert.ok(ms < 25_000, `took ${ms} ms to end`);
  return ms;
}

async function listChildren(pid: number): Promise<number[]> {
  const { readFile } = await import('node:fs/promises');
  const children = await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8');
  return children.trim().split(' ').filter(Boolean).map(Number);
}
