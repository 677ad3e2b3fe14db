import assert from 'node:assert/strict';
import { test } from 'node:test';
import { findGroupTableMistakes, readGroupTable } from '../../src/config/group-table.config.ts';
import { keyOfDistinguishedName } from '../../src/people/distinguished-name.ts';
import { mapGroups } from '../../src/people/groups.ts';
import { leastProcessorMs } from '../support/processor-time.ts';

const rules = readGroupTable({
  'Paperlift Users': 'users',
  'CN=Scan\\, Team,OU=Groups,DC=example,DC=com': 'users',
  'CN=Bosses,OU=Groups,DC=example,DC=com': 'admins',
  'APP-PAPERLIFT-AUDIT-*': 'auditors',
});
const groupsOf = (received: unknown, separator?: string) => mapGroups(received, rules, separator).groups;

test('a plain name counts exactly, letter by letter', () => {
  assert.deepEqual(groupsOf(['Paperlift Users']), ['users']);
  for (const other of [
    'paperlift users',
    'Paperlift Users2',
    'Paperlift',
    'Paperlift Users,x',
    'constructor',
  ]) {
    assert.deepEqual(groupsOf([other]), [], other);
  }
});

test('one value as a string is the same as a list of one; what repeats counts once; what is unknown is dropped', () => {
  assert.deepEqual(groupsOf('Paperlift Users'), ['users']);
  const twice = mapGroups(['Paperlift Users', 'Paperlift Users', 'Others', 'Others', '', 7, null], rules);
  assert.deepEqual(twice, {
    groups: ['users'],
    teams: [],
    mapped: [{ from: 'Paperlift Users', to: 'users' }],
    dropped: ['Others'],
  });
  assert.deepEqual(groupsOf(undefined), []);
});

test('a DN counts as a DN: case, spaces, escapes and names of types do not matter', () => {
  for (const same of [
    'cn=scan\\, team,ou=groups,dc=example,dc=com',
    'CN=Scan\\2C Team, OU=Groups, DC=example, DC=com',
    'CN = Scan\\,  Team ,OU=Groups,DC=example,DC=com',
    '2.5.4.3=Scan\\, Team,2.5.4.11=Groups,DC=EXAMPLE,DC=com',
    'OID.2.5.4.3=Scan\\, Team,OU=Groups,domainComponent=example,DC=com',
  ]) {
    assert.deepEqual(groupsOf([same]), ['users'], same);
  }
});

test('a comma inside a DN is no separator, and nothing inside a value is a group by itself', () => {
  for (const other of [
    'CN=All Staff, Paperlift Users,OU=Groups,DC=example,DC=com',
    'CN=x\\,CN=Bosses,OU=Groups,DC=example,DC=com',
    'CN=x,CN=Bosses,OU=Groups,DC=example,DC=com',
    'CN=Bosses,OU=Groups,DC=example',
    'CN=Bosses,OU=Groups,DC=example,DC=com,DC=evil',
    'CN=Bosses+OU=Groups,DC=example,DC=com',
    'CN="Bosses,OU=Groups,DC=example,DC=com"',
    'Others;Paperlift Users',
    '["Paperlift Users"]',
  ]) {
    assert.deepEqual(groupsOf([other]), [], other);
  }
});

test('a prefix rule takes what begins with it', () => {
  assert.deepEqual(groupsOf(['APP-PAPERLIFT-AUDIT-EMEA']), ['auditors']);
  assert.deepEqual(groupsOf(['X-APP-PAPERLIFT-AUDIT-EMEA', 'app-paperlift-audit-x']), []);
});

test('several groups in one value count only where their separator is configured, and not where it is escaped', () => {
  assert.deepEqual(groupsOf('Others;Paperlift Users', ';'), ['users']);
  assert.deepEqual(groupsOf('CN=Bosses,OU=Groups,DC=example,DC=com; APP-PAPERLIFT-AUDIT-1', ';'), [
    'admins',
    'auditors',
  ]);
  assert.deepEqual(groupsOf('Others\\;Paperlift Users', ';'), []);
});

test('names that are no DN are told apart from those that are', () => {
  for (const none of ['Users', 'a=b=c,d', 'CN=', 'CN=a,,OU=b', 'CN=a,OU', '=a', 'CN=a\\', '']) {
    assert.equal(keyOfDistinguishedName(none), undefined, none);
  }
  assert.notEqual(keyOfDistinguishedName('CN=a,OU=b'), keyOfDistinguishedName('OU=b,CN=a'));
  assert.equal(keyOfDistinguishedName('CN=a+OU=b,DC=c'), keyOfDistinguishedName('ou=B+cn=A,dc=C'));
  assert.notEqual(keyOfDistinguishedName('CN=a\\+OU\\=b'), keyOfDistinguishedName('CN=a+OU=b'));
});

test('a table that leads nowhere, or lets everybody in, is a mistake', () => {
  const mistakes = (table: Record<string, string>) =>
    findGroupTableMistakes(readGroupTable(table), ['users']);
  assert.match(mistakes({ a: 'root' }).join(), /not a Paperlift group/);
  assert.match(mistakes({ '*': 'users' }).join(), /almost every group/);
  assert.match(mistakes({ 'A*': 'users' }).join(), /almost every group/);
  assert.deepEqual(mistakes({ 'APP-*': 'users' }), []);
});

test('500 rules and 150 DNs: the mapping is right and takes under 5 ms', async () => {
  const dn = (index: number) => `CN=Group ${index}\\, HQ,OU=Groups,DC=example,DC=com`;
  const table = readGroupTable(
    Object.fromEntries(Array.from({ length: 500 }, (_, index) => [dn(index * 2), `group-${index % 3}`])),
  );
  const received = Array.from({ length: 150 }, (_, index) => dn(index).toUpperCase());
  const ms = await leastProcessorMs(30, () => {
    const { mapped, dropped, groups } = mapGroups(received, table);
    assert.deepEqual([mapped.length, dropped.length, groups.length], [75, 75, 3]);
  });
  assert.ok(ms < 5, `${ms} ms`);
});

test('teams are named exactly, by a DN, or by what follows a prefix', () => {
  const table = readGroupTable({
    Finance: 'team:Finance',
    'CN=Legal,OU=Groups,DC=example,DC=com': 'team:Legal',
    'TEAM-*': 'team:*',
    'Paperlift Users': 'users',
  });
  const { groups, teams, mapped, dropped } = mapGroups(
    ['Finance', 'cn=legal,ou=groups,dc=example,dc=com', 'TEAM-North', 'TEAM-', 'finance', 'Paperlift Users'],
    table,
  );
  assert.deepEqual(teams, ['Finance', 'Legal', 'North', 'TEAM-']);
  assert.deepEqual(groups, ['users'], 'a team is no group of roles');
  assert.deepEqual(mapped.at(2), { from: 'TEAM-North', to: 'team:North' });
  assert.deepEqual(dropped, ['finance']);
});

test('a table that makes a team of almost every group, or one without a name, is refused', () => {
  const mistakesIn = (table: Record<string, string>) =>
    findGroupTableMistakes(readGroupTable(table), ['users']);
  assert.match(mistakesIn({ Staff: 'team:*' }).join(), /needs a prefix/);
  assert.match(mistakesIn({ '*': 'team:*' }).join(), /almost every group/);
  assert.match(mistakesIn({ Staff: 'team: ' }).join(), /without a name/);
  assert.deepEqual(mistakesIn({ 'TEAM-*': 'team:*', Staff: 'team:Staff' }), []);
});
