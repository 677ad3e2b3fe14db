// What the API says to requests that are slightly wrong: queries, and methods of a known path.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import request from 'supertest';
import { type Paperlift, startPaperlift } from '../support/paperlift.ts';

let paperlift: Paperlift;
let alice: Awaited<ReturnType<Paperlift['signIn']>>;
let projectUrl: string;

before(async () => {
  paperlift = await startPaperlift();
  alice = await paperlift.signIn('alice@example.com');
  for (const name of ['May', 'June', 'July']) {
    const made = await alice.agent
      .post('/api/v1/projects')
      .set('x-csrf-token', alice.csrfToken)
      .send({ name });
    projectUrl = `/api/v1/projects/${made.body.id}`;
  }
});
after(() => paperlift.stop());

describe('a query', () => {
  test('with `limit` gives that many items, and a cursor to the rest', async () => {
    const first = await alice.agent.get('/api/v1/projects?limit=2');
    assert.equal(first.body.items.length, 2);
    const rest = await alice.agent.get(`/api/v1/projects?limit=2&cursor=${first.body.cursor}`);
    assert.deepEqual(
      [...first.body.items, ...rest.body.items].map(({ name }) => name),
      ['July', 'June', 'May'],
    );
    assert.equal(rest.body.cursor, undefined);
    const found = await alice.agent.get('/api/v1/search?q=ju&limit=1');
    assert.equal(found.body.items.length, 1);
  });

  const refused: [query: string, message: RegExp][] = [
    ['/projects?limit=0', /^The query parameter "limit" must be a whole number from 1 to 100\./],
    ['/projects?limit=101', /"limit" must be/],
    ['/projects?limit=ten', /"limit" must be/],
    ['/projects?cursor=zzz', /"cursor" must be a cursor from an earlier response/],
    ['/projects?sort=name&cursor=zzz', /"cursor" must be a cursor from an earlier response/],
    ['/projects?sort=size', /"sort" must be one of: changed, name, newest\./],
    ['/projects?q=a&q=b', /"q" is given more than once\./],
    ['/projects?colour=red&size=3', /parameters "colour", "size" are unknown\./],
    ['/search?q=a&page=2', /parameter "page" is unknown\./],
    ['/search?q=a&cursor=zzz', /"cursor" must be a cursor/],
    ['PROJECT?fields=name', /parameter "fields" is unknown\./],
    ['PROJECT/pages?limit=5', /parameter "limit" is unknown\./],
  ];
  for (const [query, message] of refused) {
    test(`${query} is refused by the parameter’s name`, async () => {
      const url = query.startsWith('PROJECT') ? query.replace('PROJECT', projectUrl) : `/api/v1${query}`;
      const answer = await alice.agent.get(url);
      assert.deepEqual([answer.status, answer.body.code], [400, 'query-invalid']);
      assert.match(answer.body.detail, message);
    });
  }

  test('of a change is refused, and changes nothing', async () => {
    const answer = await alice.agent
      .patch(`${projectUrl}?dryRun=true`)
      .set('x-csrf-token', alice.csrfToken)
      .send({ name: 'August' });
    assert.equal(answer.body.code, 'query-invalid');
    assert.equal((await alice.agent.get(projectUrl)).body.name, 'July');
  });

  test('of a page for people may hold what the page does not know', async () => {
    assert.equal((await alice.agent.get('/?utm_source=mail')).status, 200);
    assert.equal((await alice.agent.get('/search?q=may&from=here')).status, 200);
    assert.equal((await alice.agent.get('/?cursor=zzz')).status, 400);
  });
});

describe('another method of a known path', () => {
  const calls: [method: 'get' | 'post' | 'put' | 'delete', path: string, allow: string][] = [
    ['put', '/api/v1/projects', 'GET, HEAD, POST'],
    ['post', 'PROJECT', 'DELETE, GET, HEAD, PATCH'],
    ['delete', 'PROJECT/pages', 'GET, HEAD, POST'],
    ['post', '/api/v1/openapi.json', 'GET, HEAD'],
    ['get', '/auth/logout', 'POST'],
    ['get', '/auth/saml/acs', 'POST'],
    ['delete', '/account', 'GET, HEAD'],
  ];
  for (const [method, path, allow] of calls) {
    test(`${method.toUpperCase()} ${path} answers 405 with Allow: ${allow}`, async () => {
      const answer = await alice.agent[method](path.replace('PROJECT', projectUrl)).set(
        'x-csrf-token',
        alice.csrfToken,
      );
      assert.equal(answer.status, 405);
      assert.equal(answer.headers.allow, allow);
    });
  }

  test('is told to nobody who has not signed in, and an unknown path stays unknown', async () => {
    assert.equal((await request(paperlift.url).put('/api/v1/projects')).status, 401);
    assert.equal((await alice.agent.get('/api/v1/nowhere?x=1')).status, 404);
    assert.equal((await alice.agent.get('/nowhere')).status, 404);
  });
});
