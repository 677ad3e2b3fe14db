import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { parseEnv } from 'node:util';
import { refusals } from '../../src/auth/saml/refusals.ts';
import { readGroupTable } from '../../src/config/group-table.config.ts';
import { mapGroups } from '../../src/people/groups.ts';

const read = (name: string) => readFileSync(new URL(`../../${name}`, import.meta.url), 'utf8');
const page = read('docs/sign-in.md');

const table = [
  '| reason | what was found | how to fix it | clause |',
  '| --- | --- | --- | --- |',
  ...Object.entries(refusals).map(
    ([code, { meaning, remedy, clause }]) => `| \`${code}\` | ${meaning} | ${remedy} | ${clause} |`,
  ),
].join('\n');

test('an operator finds every reason for a refused sign-in on the page, word by word as the doctor says it', () => {
  assert.ok(page.endsWith(`${table}\n`), `The end of docs/sign-in.md should be:\n\n${table}`);
});

test('every reason that the page mentions is one, and every variable is one of the example’s', () => {
  const codes = new Set([...page.matchAll(/refused as\s`([\w-]+)`/g)].map(([, code]) => code as string));
  assert.ok(codes.size > 4);
  for (const code of codes) assert.ok(code in refusals, code);
  const example = read('.env.example');
  for (const [, name] of page.matchAll(
    /\b((?:SAML|GROUP|SESSION|SUPPORT|TRUSTED|PUBLIC)_[A-Z_]+|\w+S_GROUP)\b/g,
  )) {
    assert.ok(new RegExp(`^#? ?${name}=`, 'm').test(example), name);
  }
});

test('the example of a group table does what the page says', () => {
  const json = parseEnv(/^GROUP_TABLE='[^']+'$/m.exec(page)?.[0] ?? '').GROUP_TABLE ?? '';
  const rules = readGroupTable(JSON.parse(json));
  const { groups, dropped } = mapGroups(
    ['cn=scanning\\2C admins, ou=Groups, dc=Example, dc=com', 'APP-PAPERLIFT-AUDIT-EU', 'paperlift users'],
    rules,
  );
  assert.deepEqual(groups, ['paperlift-admins', 'paperlift-auditors']);
  assert.deepEqual(dropped, ['paperlift users'], 'capitals count');
});
