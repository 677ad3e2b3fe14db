import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readPerson } from '../../src/auth/sign-in.service.ts';

type Arguments = Parameters<typeof readPerson>;

function nameOf(attribute: string, attributes: Record<string, string>): string {
  const received = Object.entries({ email: 'alice@example.com', ...attributes });
  const subject = {
    issuer: 'urn:provider',
    nameId: 'alice',
    attributes: new Map(received.map(([name, value]) => [name, [value]])),
  };
  const provider = {
    organisationId: 'default',
    attributes: { email: 'email', name: attribute, groups: 'groups' },
    groupTable: [],
  };
  const policies = { maySignIn: () => true };
  return readPerson(
    subject as unknown as Arguments[0],
    provider as unknown as Arguments[1],
    policies as unknown as Arguments[2],
  ).person.name;
}

test('a name is one attribute, or several in a row, or else the email address', () => {
  assert.equal(nameOf('name', { name: 'Alice Archer' }), 'Alice Archer');
  assert.equal(nameOf('firstName lastName', { firstName: 'Alice', lastName: 'Archer' }), 'Alice Archer');
  assert.equal(nameOf('firstName lastName', { lastName: 'Archer' }), 'Archer');
  assert.equal(nameOf('Display Name', { 'Display Name': 'Alice Archer', Display: 'x' }), 'Alice Archer');
  assert.equal(nameOf('firstName lastName', { firstName: ' ' }), 'alice@example.com');
});
