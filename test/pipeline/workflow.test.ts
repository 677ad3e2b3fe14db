import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, test } from 'node:test';
import { parse } from 'yaml';

const root = path.join(import.meta.dirname, '../..');
const read = (file: string) => readFileSync(path.join(root, file), 'utf8');
const text = read('.github/workflows/stage.yml');

interface Step {
  name?: string;
  uses?: string;
  run?: string;
  if?: string;
  env?: Record<string, string>;
}
const workflow = parse(text);
const job = workflow.jobs.stage;
const steps: Step[] = job.steps;
const indexOf = (part: string) => steps.findIndex(({ run }) => run?.includes(part));

describe('the pipeline', () => {
  test('verifies what it pushed, deploys that digest, checks it, and takes it away', () => {
    const order = [
      'docker push',
      'scripts/verify-image.sh',
      'cdk -- deploy',
      'npm run stage:check',
      'cdk -- destroy',
    ].map(indexOf);
    assert.ok(
      order.every((at, index) => at > (order[index - 1] ?? -1)),
      order.join(),
    );
    assert.match(steps[indexOf('cdk -- deploy')]?.run ?? '', /--context image="\$DIGEST"/);
  });

  test('takes the stage away also when its checks fail', () => {
    assert.match(steps[indexOf('cdk -- destroy')]?.if ?? '', /^always\(\)/);
    assert.doesNotMatch(steps[indexOf('cdk -- destroy')]?.run ?? '', /Data|Identity|Guards/);
  });

  test('has no key of AWS, and one secret, which only the checks see', () => {
    assert.deepEqual(workflow.permissions, {});
    assert.deepEqual(job.permissions, { contents: 'read', 'id-token': 'write' });
    assert.doesNotMatch(text, /AWS_(ACCESS_KEY_ID|SECRET_ACCESS_KEY)|aws-access-key/i);
    const secrets = [...text.matchAll(/secrets\.(\w+)/g)].map(([, name]) => name);
    assert.deepEqual(secrets, ['STAGE_CLIENT_SECRET']);
    assert.ok(steps[indexOf('npm run stage:check')]?.env?.STAGE_CLIENT_SECRET);
  });

  test('never puts what someone typed into a command', () => {
    for (const { run = '' } of steps) assert.doesNotMatch(run, /\$\{\{/);
  });

  test('runs commands that there are, with the variables that they read', () => {
    const scripts = JSON.parse(read('package.json')).scripts;
    const ofInfra = JSON.parse(read('infra/package.json')).scripts;
    const commands = steps.flatMap(({ run = '' }) => run.split('\n'));
    for (const command of commands) {
      const [, name] = /^npm run ([\w:]+)/.exec(command) ?? [];
      if (name) assert.ok(scripts[name], command);
      const [, inner] = /^npm --prefix infra (?:run )?(\w+)/.exec(command) ?? [];
      if (inner) assert.ok(ofInfra[inner], command);
      const [, file] = /^sh (\S+)/.exec(command) ?? [];
      if (file) assert.ok(existsSync(path.join(root, file)), command);
    }
    const needed = [...read('scripts/stage-check.ts').matchAll(/^ {2}(STAGE_\w+): (?!.*default)/gm)].map(
      ([, name]) => name,
    );
    assert.deepEqual(Object.keys(steps[indexOf('npm run stage:check')]?.env ?? {}).sort(), needed.sort());
    const documented = read('docs/pipeline.md');
    for (const [, name = ''] of text.matchAll(/(?:vars|secrets)\.(\w+)/g))
      assert.ok(documented.includes(`\`${name}\``), name);
  });
});
