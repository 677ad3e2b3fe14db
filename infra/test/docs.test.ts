import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, test } from 'node:test';
import { parseDeployment } from '../config.ts';
import { type Json, resourcesOf, synthesize } from '../synthesize.ts';

const read = (name: string) => readFileSync(path.join(import.meta.dirname, '../../docs', name), 'utf8');
const guides = { fargate: read('deploy-fargate.md'), lambda: read('deploy-lambda.md') };

/** The first block of JSON on the page: the deployment's file. */
function fileOf(page: string): Json {
  const [, json = ''] = /```json\n(\{[\s\S]+?\n\})\n```/.exec(page) ?? [];
  return JSON.parse(json);
}

describe('the guides', () => {
  for (const [way, page] of Object.entries(guides)) {
    test(`give a file for ${way} that is taken, and makes that way of running only`, () => {
      const deployment = parseDeployment(fileOf(page));
      assert.deepEqual(
        ['fargate', 'lambda'].filter((name) => Object.hasOwn(deployment, name)),
        [way],
      );
    });

    test(`name nothing for ${way} that a file cannot say`, () => {
      const deployment: Json = parseDeployment({
        ...fileOf(guides.fargate),
        lambda: { mutualTls: { bucket: 'bucket', key: 'key' } },
        fargate: {
          availabilityZones: ['eu-central-1a', 'eu-central-1b'],
          mutualTls: { bucket: 'bucket', key: 'key' },
        },
        leadsTo: 'fargate',
        pipeline: { repository: 'example/paperlift', environment: 'test' },
        breakGlass: { trusted: ['arn:aws:iam::111122223333:role/Operations'] },
        warmWriteUnits: 4000,
        saml: { ...fileOf(page).saml, entryPoint: 'https://idp.example.com', certificate: 'MIIB' },
      });
      const rows = page.split('\n').filter((line) => line.startsWith('| `'));
      const names = rows.flatMap((row) => (row.split('|')[1] ?? '').match(/[\w.]+(?=`)/g) ?? []);
      assert.ok(names.length > 5);
      for (const name of names) {
        const value = name.split('.').reduce((part: Json, key) => part?.[key], deployment);
        assert.notEqual(value, undefined, name);
      }
    });
  }

  test('show the addresses that the stacks print', () => {
    const { templates } = synthesize();
    const text =
      Object.values(guides).join('') + read('operations.md') + read('pipeline.md') + read('image.md');
    for (const [, stack, output] of text.matchAll(
      /\b(Guards|Image|Data|Identity|Fargate|Lambda)\.([A-Z]\w+)/g,
    ))
      assert.ok(templates[stack as 'Data'].Outputs[output as string], `${stack}.${output}`);
  });

  test('say what to do about every alarm', () => {
    const page = read('operations.md');
    const { templates } = synthesize();
    for (const part of ['Data', 'Identity', 'Fargate', 'Lambda'] as const) {
      const alarms = resourcesOf(templates[part], 'AWS::CloudWatch::Alarm')
        .map(({ id }) => id.replace(/[0-9A-F]{8}$/, ''))
        .filter((id) => !id.includes('TaskCount'));
      for (const id of alarms) {
        const row = page.split('\n').find((line) => line.includes(`\`${id}\``) && line.includes(part));
        assert.ok(row, `${part} ${id}`);
      }
    }
  });
});
