// The alert rules, read and tried by Prometheus's own tool.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, test } from 'node:test';
import { parse } from 'yaml';

const root = path.join(import.meta.dirname, '../..');
const skip = spawnSync('promtool', ['--version']).error !== undefined && 'promtool is not installed';

interface Rules {
  groups: { rules: { alert: string }[] }[];
}
interface RuleTests {
  tests: { alert_rule_test: { alertname: string; exp_alerts: unknown[] }[] }[];
}
const read = <File>(file: string): File => parse(readFileSync(path.join(root, file), 'utf8'));

function promtool(...args: string[]) {
  const { status, stdout, stderr } = spawnSync('promtool', args, { cwd: root, encoding: 'utf8' });
  return { status, said: stdout + stderr };
}

describe('the alert rules', { skip }, () => {
  test('are ones that Prometheus loads', () => {
    const { status, said } = promtool('check', 'rules', 'onprem/alerts.yml');
    assert.equal(status, 0, said);
    const { groups } = read<Rules>('onprem/alerts.yml');
    const count = groups.flatMap(({ rules }) => rules).length;
    assert.ok(said.includes(`SUCCESS: ${count} rules found`), said);
  });

  test('fire on what they are for, and on nothing like it', () => {
    const { status, said } = promtool('test', 'rules', 'test/onprem/alerts.promtool.yml');
    assert.equal(status, 0, said);
  });
});

test('every alert has a case in which it fires, and one in which it does not', () => {
  const { groups } = read<Rules>('onprem/alerts.yml');
  const tried = read<RuleTests>('test/onprem/alerts.promtool.yml').tests.flatMap(
    (one) => one.alert_rule_test,
  );
  for (const { alert } of groups.flatMap(({ rules }) => rules)) {
    const outcomes = tried
      .filter(({ alertname }) => alertname === alert)
      .map(({ exp_alerts: alerts }) => alerts.length > 0);
    assert.deepEqual([outcomes.includes(true), outcomes.includes(false)], [true, true], alert);
  }
});
