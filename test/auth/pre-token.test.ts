// The events are those of the Amazon Cognito developer guide, "Pre token generation Lambda trigger", version 2.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import path from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { overrideGroups } from '../../src/auth/pre-token.ts';
import { loadPreTokenConfig } from '../../src/config/pre-token.config.ts';

const groupTable = {
  'Paperlift Users': 'paperlift-users',
  'CN=Paper Admins\\, HQ,OU=Groups,DC=example,DC=com': 'paperlift-admins',
  'APP-PAPERLIFT-AUDIT-*': 'paperlift-auditors',
};
const table = loadPreTokenConfig({ GROUP_TABLE: JSON.stringify(groupTable) });

function buildEvent(customGroups: string | undefined, groupsToOverride: string[] = []) {
  return {
    version: '2',
    triggerSource: 'TokenGeneration_HostedAuth',
    region: 'us-east-1',
    userPoolId: 'us-east-1_EXAMPLE',
    userName: 'company_alice@example.com',
    callerContext: { awsSdkVersion: 'aws-sdk-unknown-unknown', clientId: '1example23456789' },
    request: {
      userAttributes: {
        sub: 'a36036a8-9061-424d-a737-56d57dae7bc6',
        'cognito:user_status': 'EXTERNAL_PROVIDER',
        email: 'alice@example.com',
        ...(customGroups === undefined ? {} : { 'custom:groups': customGroups }),
      },
      groupConfiguration: { groupsToOverride, iamRolesToOverride: [], preferredRole: null },
      scopes: ['aws.cognito.signin.user.admin', 'openid', 'email'],
    },
    response: { claimsAndScopeOverrideDetails: null },
  };
}

function groupsFor(customGroups: string, groupsToOverride?: string[]) {
  const { response } = overrideGroups(buildEvent(customGroups, groupsToOverride), table);
  const details = (response as { claimsAndScopeOverrideDetails: { groupOverrideDetails: object } })
    .claimsAndScopeOverrideDetails;
  return (details.groupOverrideDetails as { groupsToOverride: string[] }).groupsToOverride;
}

test('custom:groups become cognito:groups by the table, and the event goes back otherwise as it came', () => {
  const event = buildEvent('[Paperlift Users, All Staff]', ['us-east-1_EXAMPLE_company']);
  assert.deepEqual(overrideGroups(event, table), {
    ...event,
    response: {
      claimsAndScopeOverrideDetails: {
        groupOverrideDetails: { groupsToOverride: ['us-east-1_EXAMPLE_company', 'paperlift-users'] },
      },
    },
  });
});

test('a group is read from one value, a list with commas inside its values, and JSON', () => {
  assert.deepEqual(groupsFor('Paperlift Users'), ['paperlift-users']);
  assert.deepEqual(groupsFor('[Paperlift Users]'), ['paperlift-users']);
  assert.deepEqual(groupsFor('["Paperlift Users","APP-PAPERLIFT-AUDIT-EU"]'), [
    'paperlift-auditors',
    'paperlift-users',
  ]);
  assert.deepEqual(
    groupsFor(
      '[CN=All Staff,OU=Groups,DC=example,DC=com, CN=Paper Admins\\, HQ,OU=Groups,DC=example,DC=com, Paperlift Users]',
    ),
    ['paperlift-admins', 'paperlift-users'],
  );
  assert.deepEqual(groupsFor('[APP-PAPERLIFT-AUDIT-EU, Paperlift Users]'), [
    'paperlift-auditors',
    'paperlift-users',
  ]);
});

test('nobody gets more than the table says: not by half a DN, nor by what the pool or the attribute claims', () => {
  assert.deepEqual(groupsFor('[CN=Paper Admins\\, HQ,OU=Groups,DC=evil,DC=com]'), []);
  assert.deepEqual(groupsFor('paperlift-admins'), []);
  assert.deepEqual(groupsFor('[CN=Sales\\, Paperlift Users,OU=Groups,DC=example,DC=com]'), []);
  assert.deepEqual(
    groupsFor('[]', ['paperlift-admins', 'other']),
    ['other'],
    'a membership of ours that is over',
  );
  assert.deepEqual(groupsFor(''), []);
});

test('somebody without the attribute keeps the memberships that were mirrored into the pool', () => {
  const event = buildEvent(undefined, ['paperlift-users']);
  assert.deepEqual(overrideGroups(event, table), event.response ? { ...event } : event);
});

test('a separator for providers that send all groups as one value', () => {
  const separated = loadPreTokenConfig({
    GROUP_TABLE: JSON.stringify(groupTable),
    SAML_GROUPS_SEPARATOR: ';',
  });
  const { response } = overrideGroups(buildEvent('Paperlift Users;All Staff, HQ'), separated);
  assert.match(JSON.stringify(response), /\["paperlift-users"\]/);
});

test('an event of version 1, which cannot change access tokens, is refused', () => {
  assert.throws(() => overrideGroups({ ...buildEvent('Paperlift Users'), version: '1' }, table));
});

test('a table that leads to no group of Paperlift’s is refused at start', () => {
  assert.throws(
    () => loadPreTokenConfig({ GROUP_TABLE: '{"Staff":"administrators"}' }),
    /"Staff" maps to "administrators", which is not a Paperlift group/,
  );
});

test('the Lambda handler needs the table and nothing else of the configuration', async () => {
  const script = `
    const { handler } = await import('./src/lambda-pre-token.ts');
    process.stdout.write(JSON.stringify(await handler(${JSON.stringify(buildEvent('[Paperlift Users]'))})));`;
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '--eval', script], {
    cwd: path.join(import.meta.dirname, '../..'),
    env: { GROUP_TABLE: JSON.stringify(groupTable) },
  });
  assert.deepEqual(JSON.parse(stdout).response.claimsAndScopeOverrideDetails.groupOverrideDetails, {
    groupsToOverride: ['paperlift-users'],
  });
});
