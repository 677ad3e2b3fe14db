// SCIM 2.0 as Microsoft Entra ID and Okta speak it, by the requests that their documentation shows:
// https://learn.microsoft.com/entra/identity/app-provisioning/use-scim-to-provision-users-and-groups
// https://developer.okta.com/docs/api/openapi/okta-scim/guides/scim-20/
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import request from 'supertest';
import { connectDirectory, type Directory, groupSchema, userSchema } from '../../support/directory.ts';
import { type Paperlift, startPaperlift } from '../../support/paperlift.ts';

let paperlift: Paperlift;
let entra: Directory;
let okta: Directory;

before(async () => {
  paperlift = await startPaperlift();
  entra = await connectDirectory(paperlift, 'entra');
  okta = await connectDirectory(paperlift, 'okta');
});
after(() => paperlift.stop());

const errorOf = ({ status, body }: { status: number; body: Record<string, unknown> }) => {
  assert.deepEqual(body.schemas, ['urn:ietf:params:scim:api:messages:2.0:Error']);
  assert.equal(body.status, String(status));
  return [status, body.scimType];
};

describe('Microsoft Entra ID', () => {
  const enterprise = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User';
  let userId = '';
  let groupId = '';

  test('tests the connection with a user that does not exist', async () => {
    const answer = await entra.find('/Users', 'userName eq "non-existent user"');
    assert.equal(answer.status, 200);
    assert.match(answer.headers['content-type'] ?? '', /^application\/scim\+json/);
    assert.deepEqual(answer.body, {
      schemas: ['urn:ietf:params:scim:api:messages:2.0:ListResponse'],
      totalResults: 0,
      startIndex: 1,
      itemsPerPage: 0,
      Resources: [],
    });
  });

  test('creates a user, and finds them by name, address and external id', async () => {
    const created = await entra.call('post', '/Users').send({
      schemas: [userSchema, enterprise],
      externalId: '0a21f0f2-8d2a-4f8e-bf98-7363c4aed4ef',
      userName: 'Test_User_ab6490ee@example.com',
      active: true,
      emails: [{ primary: true, type: 'work', value: 'Test_User_fd0ea19b@example.com' }],
      meta: { resourceType: 'User' },
      name: { formatted: 'givenName familyName', familyName: 'familyName', givenName: 'givenName' },
      roles: [],
      [enterprise]: { department: 'Sales' },
    });
    assert.equal(created.status, 201, created.text);
    userId = created.body.id;
    assert.equal(created.headers.location, `${paperlift.url}/scim/v2/Users/${userId}`);
    assert.equal(created.body.meta.resourceType, 'User');
    for (const filter of [
      'userName eq "test_user_AB6490EE@example.com"',
      'externalId eq "0a21f0f2-8d2a-4f8e-bf98-7363c4aed4ef"',
      'emails[type eq "work"].value eq "test_user_fd0ea19b@example.com"',
      'emails.value eq "Test_User_fd0ea19b@example.com"',
    ]) {
      const { body } = await entra.find('/Users', filter);
      assert.deepEqual([body.totalResults, body.Resources[0]?.id], [1, userId], filter);
    }
    const { body } = await entra.call('get', `/Users/${userId}`);
    assert.equal(body.name.formatted, 'givenName familyName');
  });

  test('changes attributes one by one, also of users who have no address yet, and ignores what is not kept', async () => {
    const changed = await entra.patch(`/Users/${userId}`, [
      { op: 'Replace', path: 'emails[type eq "work"].value', value: 'updatedEmail@example.com' },
      { op: 'Replace', path: 'name.familyName', value: 'updatedFamilyName' },
      { op: 'Add', path: 'displayName', value: 'Updated' },
      { op: 'Add', path: `${enterprise}:department`, value: 'Legal' },
      { op: 'Replace', path: 'phoneNumbers[type eq "mobile"].value', value: '1' },
    ]);
    assert.equal(changed.status, 200, changed.text);
    assert.deepEqual(changed.body.emails, [
      { primary: true, type: 'work', value: 'updatedEmail@example.com' },
    ]);
    assert.equal(changed.body.name.familyName, 'updatedFamilyName');
    assert.equal(changed.body.displayName, 'Updated');
    assert.equal(
      (await entra.find('/Users', 'emails.value eq "test_user_fd0ea19b@example.com"')).body.totalResults,
      0,
    );
    assert.equal(
      (await entra.find('/Users', 'emails.value eq "UPDATEDemail@example.com"')).body.totalResults,
      1,
    );
    const { body } = await entra.call('post', '/Users').send({ userName: 'bare', active: 'True' });
    const added = await entra.patch(`/Users/${body.id}`, [
      { op: 'Add', path: 'emails[type eq "work"].value', value: 'bare@example.com' },
    ]);
    assert.deepEqual(added.body.emails, [{ type: 'work', value: 'bare@example.com' }]);
  });

  test('renames a user, whose former name is free again', async () => {
    const renamed = await entra.patch(`/Users/${userId}`, [
      { op: 'Replace', path: 'userName', value: '5b50642d@example.com' },
    ]);
    assert.equal(renamed.body.userName, '5b50642d@example.com');
    assert.equal(
      (await entra.find('/Users', 'userName eq "Test_User_ab6490ee@example.com"')).body.totalResults,
      0,
    );
    const { status } = await entra
      .call('post', '/Users')
      .send({ userName: 'Test_User_ab6490ee@example.com' });
    assert.equal(status, 201);
    const taken = await entra.patch(`/Users/${userId}`, [
      { op: 'Replace', path: 'userName', value: 'TEST_user_ab6490ee@example.com' },
    ]);
    assert.deepEqual(errorOf(taken), [409, 'uniqueness']);
  });

  test('disables a user by the text "False", and by true and false with the flag for the specification', async () => {
    for (const [value, active] of [
      ['False', false],
      ['True', true],
      [false, false],
      [true, true],
      [[{ value: 'False' }], false],
    ] as const) {
      const { body } = await entra.patch(`/Users/${userId}`, [{ op: 'Replace', path: 'active', value }]);
      assert.equal(body.active, active, JSON.stringify(value));
    }
  });

  test('creates a group without members, and adds and removes them in each of its forms', async () => {
    const created = await entra.call('post', '/Groups').send({
      schemas: [groupSchema, 'http://schemas.microsoft.com/2006/11/ResourceManagement/ADSCIM/2.0/Group'],
      externalId: '8aa1a0c0-c4c3-4bc0-b4a5-2ef676900159',
      displayName: 'displayName',
      meta: { resourceType: 'Group' },
    });
    assert.equal(created.status, 201, created.text);
    groupId = created.body.id;
    const members = async () =>
      (await entra.call('get', `/Groups/${groupId}`)).body.members.map(
        ({ value }: { value: string }) => value,
      );
    const add = () =>
      entra.patch(`/Groups/${groupId}`, [
        { op: 'Add', path: 'members', value: [{ $ref: null, value: userId }] },
      ]);
    for (const removal of [
      { op: 'Remove', path: 'members', value: [{ $ref: null, value: userId }] },
      { op: 'Remove', path: `members[value eq "${userId}"]` },
      { op: 'Remove', path: 'members' },
      { op: 'Replace', path: 'members', value: [] },
    ]) {
      assert.equal((await add()).status, 204);
      assert.deepEqual(await members(), [userId]);
      assert.equal((await entra.patch(`/Groups/${groupId}`, [removal])).status, 204);
      assert.deepEqual(await members(), [], JSON.stringify(removal));
    }
    await add();
    const one = await entra.call('get', `/Groups/${groupId}?excludedAttributes=members`);
    assert.equal(one.body.members, undefined);
    for (const filter of [
      'displayName eq "DISPLAYNAME"',
      'externalId eq "8aa1a0c0-c4c3-4bc0-b4a5-2ef676900159"',
      `id eq "${groupId}" and members eq "${userId}"`,
    ]) {
      const { body } = await entra.find('/Groups', filter, '&excludedAttributes=members');
      assert.equal(body.totalResults, 1, filter);
      assert.equal(body.Resources[0].members, undefined);
    }
    const other = await entra.find(
      '/Groups',
      `id eq "${groupId}" and members eq "01ARZ3NDEKTSV4RRFFQ69G5FAV"`,
    );
    assert.equal(other.body.totalResults, 0);
  });

  test('renames a group, and deletes group and user', async () => {
    const rename = { op: 'Replace', path: 'displayName', value: '1879db59' };
    assert.equal((await entra.patch(`/Groups/${groupId}`, [rename])).status, 204);
    assert.equal((await entra.call('get', `/Groups/${groupId}`)).body.displayName, '1879db59');
    for (const path of [`/Groups/${groupId}`, `/Users/${userId}`]) {
      const deleted = await entra.call('delete', path);
      assert.deepEqual([deleted.status, deleted.text], [204, '']);
      assert.deepEqual(errorOf(await entra.call('get', path)), [404, undefined]);
      assert.deepEqual(errorOf(await entra.call('delete', path)), [404, undefined]);
    }
  });
});

describe('Okta', () => {
  let userId = '';
  let groupId = '';

  test('tests the connection with a page of two, and lists pages', async () => {
    const first = await okta.call('get', '/Users?startIndex=1&count=2');
    assert.deepEqual([first.body.totalResults, first.body.itemsPerPage], [0, 0]);
    for (const name of ['one', 'two', 'three', 'four', 'five']) await okta.addUser(`${name}@example.com`);
    const names: string[] = [];
    for (const startIndex of [1, 3, 5]) {
      const { body } = await okta.call('get', `/Users?startIndex=${startIndex}&count=2`);
      assert.deepEqual([body.totalResults, body.startIndex], [5, startIndex]);
      names.push(...body.Resources.map(({ userName }: { userName: string }) => userName));
    }
    assert.deepEqual(
      names,
      ['one', 'two', 'three', 'four', 'five'].map((name) => `${name}@example.com`),
    );
    assert.equal((await okta.call('get', '/Users?count=0')).body.totalResults, 5);
    assert.equal((await okta.call('get', '/Users?startIndex=-4&count=1')).body.startIndex, 1);
  });

  test('creates a user, replaces them, and deactivates them without a path', async () => {
    const user = {
      schemas: [userSchema],
      userName: 'test.user@okta.local',
      name: { givenName: 'Test', familyName: 'User' },
      emails: [{ primary: true, value: 'test.user@okta.local', type: 'work' }],
      displayName: 'Test User',
      locale: 'en-US',
      externalId: '00ujl29u0le5T6Aj10h7',
      groups: [],
      password: '1mz050nq',
      active: true,
    };
    const created = await okta.call('post', '/Users').send(user);
    assert.equal(created.status, 201);
    userId = created.body.id;
    assert.doesNotMatch(JSON.stringify(created.body), /password|1mz050nq/);
    assert.deepEqual(errorOf(await okta.call('post', '/Users').send(user)), [409, 'uniqueness']);
    const { displayName: _, ...rest } = user;
    const replaced = await okta.call('put', `/Users/${userId}`).send({
      ...rest,
      id: userId,
      name: { givenName: 'Another', familyName: 'User' },
      meta: { resourceType: 'User' },
    });
    assert.equal(replaced.status, 200);
    assert.deepEqual([replaced.body.name.givenName, replaced.body.displayName], ['Another', undefined]);
    const off = await okta.patch(`/Users/${userId}`, [{ op: 'replace', value: { active: false } }]);
    assert.deepEqual([off.status, off.body.active], [200, false]);
    const on = await okta.patch(`/Users/${userId}`, [
      { op: 'replace', value: { active: true, 'name.givenName': 'Third' } },
    ]);
    assert.deepEqual([on.body.active, on.body.name.givenName], [true, 'Third']);
  });

  test('pushes a group with its members, renames it, changes members, and replaces it', async () => {
    const member = { value: userId, display: 'test.user@okta.local' };
    const created = await okta
      .call('post', '/Groups')
      .send({ schemas: [groupSchema], displayName: 'Test SCIMv2', members: [member] });
    assert.equal(created.status, 201, created.text);
    groupId = created.body.id;
    assert.equal(created.body.members[0].value, userId);
    const { body } = await okta.call('get', '/Groups?startIndex=1&count=100');
    assert.deepEqual([body.totalResults, body.Resources[0].members.length], [1, 1]);
    const second = (await okta.find('/Users', 'userName eq "two@example.com"')).body.Resources[0].id;
    const changed = await okta.patch(`/Groups/${groupId}`, [
      { op: 'replace', value: { id: groupId, displayName: 'Test SCIMv1' } },
      { op: 'remove', path: `members[value eq "${userId}"]` },
      { op: 'add', path: 'members', value: [{ value: second, display: 'two' }] },
    ]);
    assert.equal(changed.status, 204);
    const group = (await okta.call('get', `/Groups/${groupId}`)).body;
    assert.deepEqual(
      [group.displayName, group.members.map(({ value }: { value: string }) => value)],
      ['Test SCIMv1', [second]],
    );
    const replaced = await okta
      .call('put', `/Groups/${groupId}`)
      .send({ schemas: [groupSchema], id: groupId, displayName: 'Test SCIMv0', members: [member] });
    assert.deepEqual(
      [replaced.status, replaced.body.members.map(({ value }: { value: string }) => value)],
      [200, [userId]],
    );
    assert.equal((await okta.call('delete', `/Groups/${groupId}`)).status, 204);
  });
});

describe('what the service provider says of itself', () => {
  test('names what it can do', async () => {
    const { body: config } = await okta.call('get', '/ServiceProviderConfig');
    assert.deepEqual(
      ['patch', 'filter', 'bulk', 'sort', 'etag', 'changePassword'].map((name) => config[name].supported),
      [true, true, false, false, false, false],
    );
    for (const [path, ids] of [
      ['/ResourceTypes', ['User', 'Group']],
      ['/Schemas', [userSchema, groupSchema]],
    ] as const) {
      const { body } = await okta.call('get', path);
      assert.deepEqual(
        body.Resources.map(({ id }: { id: string }) => id),
        ids,
      );
      for (const id of ids) assert.equal((await okta.call('get', `${path}/${id}`)).body.id, id);
      assert.equal((await okta.call('get', `${path}/Robot`)).status, 404);
    }
  });
});

describe('refused', () => {
  const tokens = (): [string, string | undefined][] => [
    ['no token', undefined],
    ['not bearer', `Basic ${entra.token}`],
    ['a wrong secret', `Bearer ${entra.token.slice(0, -1)}x`],
    ['a secret of another organisation', `Bearer ${entra.token.replace('.entra.', '.okta.')}`],
    ['an organisation that does not exist', `Bearer ${entra.token.replace('.entra.', '.nobody.')}`],
    ['the hash', 'Bearer paperlift-directory.entra.0000'],
    ['an empty one', 'Bearer '],
  ];

  test('is a token that is wrong, replaced or revoked, before the body is read', async () => {
    for (const [name, authorization] of tokens()) {
      const call = request(paperlift.url).post('/scim/v2/Users').set('Content-Type', 'application/scim+json');
      if (authorization) call.set('Authorization', authorization);
      const answer = await call.send('{ no JSON');
      assert.deepEqual(errorOf(answer), [401, undefined], name);
      assert.equal(answer.headers['www-authenticate'], 'Bearer');
    }
    const { services } = paperlift;
    const first = await connectDirectory(paperlift, 'third');
    assert.equal((await first.call('get', '/Users')).status, 200);
    const second = await connectDirectory(paperlift, 'third');
    assert.equal((await first.call('get', '/Users')).status, 401, 'replaced');
    assert.equal((await second.call('get', '/Users')).status, 200);
    await services.directoryTokens.revoke(second.admin);
    assert.equal((await second.call('get', '/Users')).status, 401, 'revoked');
    const stored = await services.stores.directoryTokens.find('entra');
    assert.ok(stored && !JSON.stringify(stored).includes(entra.token.slice(-43)), 'the item has the token');
    assert.ok(!paperlift.logs.text().includes(entra.token.slice(-43)), 'the log has it');
  });

  test('is another organisation’s user or group: as if it never was', async () => {
    const user = await entra.addUser('only.entra@example.com');
    const group = await entra.addGroup('Only Entra', [user]);
    for (const path of [`/Users/${user}`, `/Groups/${group}`]) {
      for (const method of ['get', 'delete'] as const)
        assert.equal((await okta.call(method, path)).status, 404);
      assert.equal((await okta.call('put', path).send({ userName: 'x', displayName: 'x' })).status, 404);
      assert.equal((await okta.patch(path, [{ op: 'replace', value: { displayName: 'x' } }])).status, 404);
      assert.equal((await entra.call('get', path)).status, 200);
    }
    for (const filter of ['userName eq "only.entra@example.com"', `id eq "${user}"`])
      assert.equal((await okta.find('/Users', filter)).body.totalResults, 0, filter);
    assert.equal((await okta.find('/Groups', 'displayName eq "Only Entra"')).body.totalResults, 0);
    const own = await okta.addGroup('Okta group');
    const add = await okta.patch(`/Groups/${own}`, [
      { op: 'add', path: 'members', value: [{ value: user }] },
    ]);
    assert.deepEqual(errorOf(add), [400, 'invalidValue']);
  });

  test('is a body that is too large, no JSON, or not what SCIM says', async () => {
    const big = await entra
      .call('post', '/Users')
      .send({ userName: 'big', displayName: 'x'.repeat(1_100_000) });
    assert.deepEqual(errorOf(big), [413, 'tooMany']);
    assert.deepEqual(errorOf(await entra.call('post', '/Users').send('{ no JSON')), [400, 'invalidSyntax']);
    for (const body of [
      [],
      {},
      { userName: 7 },
      { userName: '  ' },
      { userName: 'x'.repeat(400) },
      { userName: 'a\nb' },
      { userName: ['a', 'b'] },
      { userName: 'a', active: 'perhaps' },
      { userName: 'a', emails: 'a@example.com' },
      { userName: 'a', emails: Array.from({ length: 30 }, (_, at) => ({ value: `${at}@example.com` })) },
    ])
      assert.equal(
        (await entra.call('post', '/Users').send(body)).status,
        400,
        JSON.stringify(body).slice(0, 80),
      );
    for (const body of [
      {},
      { displayName: '' },
      { displayName: 'x', members: 'all' },
      { displayName: 'x', members: [7] },
    ])
      assert.equal((await entra.call('post', '/Groups').send(body)).status, 400, JSON.stringify(body));
    assert.equal((await entra.find('/Users', 'userName eq "a"')).body.totalResults, 0, 'nothing was kept');
  });

  test('is a filter or a page that cannot be read', async () => {
    for (const filter of [
      '',
      'userName',
      'userName sw "a"',
      'userName eq a',
      'userName eq "a" or userName eq "b"',
      'userName eq "a" and active eq "b" and id eq "c"',
      'password eq "a"',
      'userName eq "\\u00"',
      `userName eq "${'x'.repeat(600)}"`,
      `${'('.repeat(200)}userName eq "a"`,
    ])
      assert.deepEqual(
        errorOf(await entra.find('/Users', filter)),
        [400, 'invalidFilter'],
        filter.slice(0, 60),
      );
    const injected = await entra.find('/Users', 'userName eq "a\\" or \\"1\\" eq \\"1"');
    assert.deepEqual([injected.status, injected.body.totalResults], [200, 0]);
    for (const page of ['startIndex=one', 'count=1e3', 'count=99999999999', 'startIndex=1&startIndex=2'])
      assert.equal((await entra.call('get', `/Users?${page}`)).status, 400, page);
    const all = await entra.call('get', '/Users?count=100000');
    assert.ok(all.body.itemsPerPage <= 200);
  });

  test('is a PATCH that is none, has a path that is none, or would reach an object’s prototype', async () => {
    const id = await entra.addUser('patched@example.com');
    const path = `/Users/${id}`;
    for (const body of [
      {},
      { schemas: ['x'], Operations: [{ op: 'add', path: 'displayName', value: 'x' }] },
      { schemas: ['urn:ietf:params:scim:api:messages:2.0:PatchOp'], Operations: [] },
      { schemas: ['urn:ietf:params:scim:api:messages:2.0:PatchOp'], Operations: [{ op: 'move', path: 'a' }] },
    ])
      assert.deepEqual(
        errorOf(await entra.call('patch', path).send(body)),
        [400, 'invalidSyntax'],
        JSON.stringify(body),
      );
    const many = Array.from({ length: 1001 }, () => ({ op: 'add', path: 'displayName', value: 'x' }));
    assert.equal((await entra.patch(path, many)).status, 400);
    for (const wrong of [
      'emails[type eq',
      'emails[type eq "a"',
      '..',
      '',
      'a b',
      'emails[(((type eq "a")))]',
    ])
      assert.deepEqual(
        errorOf(await entra.patch(path, [{ op: 'add', path: wrong, value: 'x' }])),
        [400, 'invalidPath'],
        wrong,
      );
    for (const [name, value] of [
      ['__proto__.polluted', 'yes'],
      ['constructor.prototype.polluted', 'yes'],
      ['name.__proto__', { polluted: 'yes' }],
      ['emails[__proto__ eq "x"].polluted', 'yes'],
    ] as const) {
      await entra.patch(path, [{ op: 'add', path: name, value }]);
      assert.equal(({} as { polluted?: string }).polluted, undefined, name);
    }
    await entra
      .call('patch', path)
      .send(
        '{"schemas":["urn:ietf:params:scim:api:messages:2.0:PatchOp"],"Operations":[{"op":"add","value":{"__proto__":{"polluted":"yes"}}}]}',
      );
    assert.equal(({} as { polluted?: string }).polluted, undefined);
    const { body } = await entra.call('get', path);
    assert.deepEqual([body.userName, body.active], ['patched@example.com', true]);
    for (const value of [7, { x: 1 }, 'maybe', null])
      assert.equal(
        (await entra.patch(path, [{ op: 'replace', path: 'active', value }])).status,
        400,
        String(value),
      );
  });

  test('is an id that is none, and an address that does not exist', async () => {
    for (const id of ['x', '..%2fUsers', 'a'.repeat(500), '01ARZ3NDEKTSV4RRFFQ69G5FAV'])
      assert.equal((await entra.call('get', `/Users/${id}`)).status, 404, id.slice(0, 20));
    for (const path of ['/Bulk', '/Me', '/Users/.search', '/'])
      assert.equal((await entra.call('post', path).send({})).status, 404, path);
  });
});

test('of equal user names at once, one is created', async () => {
  const answers = await Promise.all(
    Array.from({ length: 8 }, () => okta.call('post', '/Users').send({ userName: 'Once@example.com' })),
  );
  assert.deepEqual(answers.map(({ status }) => status).sort(), [201, 409, 409, 409, 409, 409, 409, 409]);
});

test('each request is in the log, by organisation', () => {
  assert.match(
    paperlift.logs.text(),
    /"organisationId":"okta","method":"GET","path":"\/Users".*directory request/,
  );
});
