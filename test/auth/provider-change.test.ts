// A company changes its identity provider: nobody loses a project, and no one gets another's account.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { type Paperlift, startPaperlift } from '../support/paperlift.ts';
import { browserOf, buildPerson } from '../support/session-of.ts';

const provider = (id: string, organisation = 'default') => ({
  id,
  name: `Provider ${id}`,
  organisation,
  idpIssuer: `urn:${id}`,
  entryPoint: `http://localhost:9/${id}`,
  certificates: ['MIIB'],
  groupTable: { Users: 'paperlift-users', Admins: 'paperlift-admins' },
});

let paperlift: Paperlift;
let admin: Awaited<ReturnType<typeof browserOf>>;

before(async () => {
  paperlift = await startPaperlift({
    env: {
      ORGANISATIONS: JSON.stringify([
        { id: 'default', name: 'Example' },
        { id: 'north', name: 'North' },
      ]),
      SAML_PROVIDERS: JSON.stringify([provider('old'), provider('new'), provider('other', 'north')]),
    },
  });
  admin = await browserOf(paperlift, buildPerson('Adam Admin', { groups: ['paperlift-admins'] }));
});
after(() => paperlift.stop());

/** What follows a verified assertion of this provider. */
function signIn(providerId: string, email: string, nameId = `${providerId} ${email}`) {
  const { config, services } = paperlift;
  const from = config.saml.providers.find(({ id }) => id === providerId);
  assert.ok(from);
  const attributes = new Map([
    ['email', [email]],
    ['name', [email.split('@')[0] as string]],
    ['groups', ['Users']],
  ]);
  const subject = { issuer: from.idpIssuer, nameId, attributes } as never;
  return services.signIns.signIn(subject, from, { requestId: 'test', ip: '::1' });
}

const post = (path: string, fields: object) =>
  admin.agent
    .post(path)
    .type('form')
    .send({ _csrf: admin.csrfToken, ...fields });
const change = (from = 'urn:old', to = 'new') => post('/admin/provider-change', { from, to });

test('without a change, people of another provider are other people', async () => {
  const [old, fresh] = [await signIn('old', 'kim@example.com'), await signIn('new', 'kim@example.com')];
  assert.notEqual(old.id, fresh.id);
});

test('the preview names whom it concerns, and those who have signed in with the new provider already', async () => {
  await signIn('old', 'lou@example.com');
  const { text } = await admin.agent.get('/admin/provider-change?from=urn:old&to=new');
  assert.match(text, /lou@example\.com/);
  assert.match(text, /have signed in with the new provider already[\s\S]*kim@example\.com/);
  assert.doesNotMatch(text, /Provider other/, 'a provider of another organisation');
});

test('people keep their accounts by address, whatever their new id is', async () => {
  const lou = await signIn('old', 'lou@example.com');
  const kim = await signIn('old', 'kim@example.com');
  const meanwhile = await signIn('new', 'kim@example.com');
  const { stores } = paperlift.services;
  const project = await paperlift.services.projects.create(meanwhile, { name: 'Made meanwhile' });
  assert.equal((await change()).status, 303);
  assert.equal((await signIn('new', 'LOU@example.com', 'another id')).id, lou.id);
  assert.equal(
    (await signIn('new', 'kim@example.com')).id,
    kim.id,
    'who had signed in before gets the old one, too',
  );
  assert.equal((await stores.projects.find(project.id))?.ownerId, kim.id, 'with what was made meanwhile');
  const trail = await stores.trails.list(`person:${lou.id}`, { limit: 5 });
  assert.ok(trail.some(({ action }) => action === 'person.adopted'));
  const known = await paperlift.services.formerAccounts.accountOf(meanwhile.id);
  assert.equal(known, kim.id, 'a logout of the new provider ends the sessions of the old account');
});

test('someone without an old account has a new one, and an account of another organisation is never given', async () => {
  const far = await signIn('other', 'max@example.com');
  const max = await signIn('new', 'max@example.com');
  assert.notEqual(max.id, far.id);
  assert.equal((await signIn('other', 'kim@example.com')).organisationId, 'north');
  assert.equal(
    (await change('urn:other', 'new')).status,
    400,
    'another organisation’s provider is no former one',
  );
  assert.equal((await change('urn:old', 'other')).status, 400);
});

test('an address that two old accounts have gives neither', async () => {
  await signIn('old', 'dup@example.com', 'one');
  await signIn('old', 'dup@example.com', 'two');
  const fresh = await signIn('new', 'dup@example.com');
  const people = await paperlift.services.people.list('default', { mail: 'dup@' });
  assert.equal(people.items.length, 3);
  assert.ok(people.items.some(({ id }) => id === fresh.id));
});

test('once it is ended, new people have accounts of their own, and given ones stay', async () => {
  const nia = await signIn('old', 'nia@example.com');
  const lou = await signIn('old', 'lou@example.com');
  assert.equal((await post('/admin/provider-change/end', { to: 'new' })).status, 303);
  assert.notEqual((await signIn('new', 'nia@example.com')).id, nia.id);
  assert.equal((await signIn('new', 'LOU@example.com', 'another id')).id, lou.id);
});
