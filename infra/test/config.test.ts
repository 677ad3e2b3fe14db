import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { parseDeployment, readDeployment } from '../config.ts';
import { exampleDeployment } from '../synthesize.ts';

const refusal = (changes: Record<string, unknown>): string => {
  try {
    parseDeployment(exampleDeployment(changes));
  } catch (error) {
    return (error as Error).message;
  }
  return 'nothing is refused';
};

describe('a deployment file', () => {
  test('like the example is taken', () => {
    assert.equal(refusal({}), 'nothing is refused');
  });

  test('is told everything that is wrong with it at once', () => {
    const said = refusal({ account: '12', region: undefined, publicUrl: 'http://paperlift.example.com' });
    assert.match(said, /account: is not an AWS account id of twelve digits/);
    assert.match(said, /region: is missing/);
    assert.match(said, /publicUrl: /);
  });

  for (const [what, changes, answer] of [
    [
      'a public address with a path',
      { publicUrl: 'https://example.com/paperlift' },
      /publicUrl: must be https:\/\/host/,
    ],
    ['a certificate of another region', { region: 'eu-central-1' }, /certificateArn: is in us-east-1/],
    [
      'a group that is none',
      { groups: { table: { Staff: 'users' } } },
      /groups\.table\.Staff: maps to "users"/,
    ],
    ['an empty group table', { groups: { table: {} } }, /groups\.table: is empty/],
    [
      'a provider without a certificate',
      { saml: { providerName: 'E', issuer: 'e', entryPoint: 'https://e.example' } },
      /saml: set metadataUrl, or/,
    ],
    ['no way of running', { fargate: undefined, lambda: undefined }, /fargate, lambda: set at least one/],
    ['two ways of running, and which one people reach', { leadsTo: undefined }, /leadsTo: is missing/],
    [
      'metadata from a network that reaches nothing',
      { fargate: { egress: 'endpoints' } },
      /fargate\.egress: saml\.metadataUrl cannot be read without NAT/,
    ],
    [
      'a pipeline without the stack that holds its role',
      { boundary: undefined },
      /pipeline: needs "boundary": true/,
    ],
    ['a name that is not known', { textractPerSecond: 5 }, /Unrecognized key: "textractPerSecond"/],
    [
      'federation without a domain',
      { identity: { federation: { metadataUrl: 'https://e.example' } } },
      /identity\.domainPrefix: is missing/,
    ],
  ] as const) {
    test(`is refused with ${what}`, () => assert.match(refusal(changes), answer));
  }

  test('may map to each of the groups that give roles', () => {
    const table = Object.fromEntries(
      ['admins', 'users', 'auditors', 'records'].map((role) => [`Acme ${role}`, `acme-${role}`]),
    );
    const named = {
      admins: 'acme-admins',
      users: 'acme-users',
      auditors: 'acme-auditors',
      records: 'acme-records',
    };
    assert.equal(refusal({ groups: { table, ...named } }), 'nothing is refused');
  });

  test('takes a certificate that lies in the secret', () => {
    const saml = { providerName: 'E', issuer: 'e', entryPoint: 'https://e.example' };
    assert.equal(refusal({ saml, secretVariables: ['SAML_IDP_CERTIFICATE'] }), 'nothing is refused');
  });

  test('that is not there is told of with what to do', () => {
    assert.throws(() => readDeployment({ file: 'no-such.json' }), /ENOENT.*no-such\.json/);
  });

  test('can be given another image on the command line', () => {
    assert.equal(readDeployment({ file: 'paperlift.example.json', image: '0.2.0' }).image, '0.2.0');
  });
});
