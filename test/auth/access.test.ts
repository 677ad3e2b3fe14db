// The sign-in doctor: what was sent, what became of it, and what something pasted would give.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { ScanCommand } from '@aws-sdk/lib-dynamodb';
import request from 'supertest';
import { answerOfProvider, type Paperlift, startPaperlift } from '../support/paperlift.ts';

let paperlift: Paperlift;
let carol: Awaited<ReturnType<Paperlift['signIn']>>;

before(async () => {
  paperlift = await startPaperlift();
  carol = await paperlift.signIn('carol@example.com');
});
after(() => paperlift.stop());

const explain = (pasted: string, provider = '') =>
  carol.agent.post('/admin/access').type('form').send({ _csrf: carol.csrfToken, provider, pasted });

/** What the answer says, without its markup. */
const said = (html: string) =>
  html
    .replace(/<[^>]*>/g, ' ')
    .replaceAll('&quot;', '"')
    .replaceAll('&#39;', "'")
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&amp;', '&')
    .replace(/\s+/g, ' ');
const explanationOf = (html: string) =>
  said(/<div class="explanation"[\s\S]*<\/section>/.exec(html)?.[0] ?? '');

const countSessions = async () => {
  const { documents } = paperlift.services.clients;
  const { Items = [] } = await documents.send(
    new ScanCommand({ TableName: paperlift.config.aws.dynamodb.table }),
  );
  return Items.filter((item) => item.pk.startsWith('SESSION#')).length;
};

test('sign-ins, accepted and refused, are listed with groups mapped and dropped, reason and remedy', async () => {
  await paperlift.signIn('alice@example.com');
  const dave = request.agent(paperlift.url);
  const form = await answerOfProvider(dave, 'dave@example.com');
  await dave.post('/auth/saml/acs').type('form').send(form);
  const replayed = request.agent(paperlift.url);
  await replayed.post('/auth/saml/acs').type('form').send({ SAMLResponse: 'never base64!' });

  const text = said((await carol.agent.get('/admin/access')).text);
  assert.match(text, /alice@example\.com Alice Archer .*? signed in Paperlift Users → paperlift-users/);
  assert.match(text, /dave@example\.com .*? no matching group None of the person’s groups maps/);
  assert.match(text, /→ no role .*?Add a rule for this group/);
  assert.match(text, /unknown .*? invalid response SAMLResponse is not valid base64\./);
});

test('only administrators see the doctor', async () => {
  for (const email of ['alice@example.com', 'erin@example.com']) {
    const { agent, csrfToken } = await paperlift.signIn(email);
    assert.equal((await agent.get('/admin/access')).status, 403, email);
    const tried = await agent.post('/admin/access').type('form').send({ _csrf: csrfToken, pasted: 'x' });
    assert.equal(tried.status, 403, email);
  }
  const forged = await carol.agent.post('/admin/access').type('form').send({ pasted: 'x' });
  assert.equal(forged.status, 403);
  assert.doesNotMatch(explanationOf(forged.text), /nothing/);
});

describe('explaining', () => {
  test('a list of groups says what each gives', async () => {
    const table = paperlift.config.saml.providers[0]?.groupTable ?? [];
    const rule = table.find(({ to }) => to === 'paperlift-auditors');
    const answer = await explain(`${rule?.from}\r\nCN=Unheard\\, Of,DC=example,DC=com\r\n\r\n`);
    assert.equal(answer.status, 200);
    const text = explanationOf(answer.text);
    assert.ok(text.includes(`${rule?.from} → paperlift-auditors`), text);
    assert.match(text, /would sign the person in as paperlift-auditors/);
    assert.match(text, /1 other group dropped CN=Unheard\\, Of,DC=example,DC=com/);
    assert.match(explanationOf((await explain('staff')).text), /no matching group This would be refused/);
  });

  test('a response is taken through every rule, signs nobody in, and can still be used', async () => {
    const alice = request.agent(paperlift.url);
    const form = await answerOfProvider(alice, 'alice@example.com');
    const posted = form.SAMLResponse as string;
    const sessions = await countSessions();
    for (const pasted of [
      posted,
      Buffer.from(posted, 'base64').toString(),
      posted.replace(/.{76}/g, '$&\n'),
    ]) {
      const text = explanationOf((await explain(pasted)).text);
      assert.match(text, /would sign in This would sign the person in/, text.slice(0, 600));
      assert.match(text, /Paperlift Users → paperlift-users/);
      assert.doesNotMatch(text, /failed /);
      assert.ok((text.match(/passed/g)?.length ?? 0) > 20, text);
      assert.match(text, /Attributes email alice@example\.com/);
    }
    assert.equal(await countSessions(), sessions);
    const signedIn = await alice.post('/auth/saml/acs').type('form').send(form);
    assert.equal(signedIn.status, 303, 'it was not used up');
  });

  test('the rule that refuses is named', async () => {
    const form = await answerOfProvider(request.agent(paperlift.url), 'alice@example.com');
    const xml = Buffer.from(form.SAMLResponse as string, 'base64').toString();
    const forged = explanationOf((await explain(xml.replace('alice@example.com', 'carol@example.com'))).text);
    assert.match(forged, /^ signature mismatch This would be refused/);
    assert.match(forged, /failed The signatures match/);
    const elsewhere = xml.replaceAll(paperlift.config.saml.spEntityId, 'https://old.example.com');
    assert.match(explanationOf((await explain(elsewhere)).text), /failed [^.]*udience/);
    const dtd = await explain(`<!DOCTYPE x [<!ENTITY a "b">]>${xml}`);
    assert.match(explanationOf(dtd.text), /invalid response This would be refused/);
  });

  test('what is no list and no response is answered, never with an error of ours', async () => {
    for (const [pasted, status] of [
      ['', 400],
      ['   ', 400],
      ['x'.repeat(200_001), 400],
      ['<', 200],
      ['<a><b></a>', 200],
      ['<'.repeat(90_000), 200],
      ['SAMLResponse=%ZZ', 200],
      [Buffer.from('<Response/>'.repeat(3)).toString('base64'), 200],
      ['\u0000\ud800', 200],
    ] as const) {
      const answer = await explain(pasted);
      assert.equal(answer.status, status, pasted.slice(0, 30));
      assert.match(answer.text, /<h1>Sign-in diagnostics<\/h1>/);
    }
    assert.equal((await explain('staff', 'no-such-provider')).status, 200);
  });
});

test('whatever a provider sends is text in every field', async () => {
  const markup = `</textarea><script>alert(1)</script>"'><img src=x onerror=alert(1)>`;
  const { signInLog } = paperlift.services;
  for (const outcome of ['signed-in', 'refused'] as const) {
    await signInLog.record({
      providerId: markup,
      outcome,
      reason: markup,
      detail: markup,
      personId: markup,
      name: markup,
      email: `${outcome} ${markup}`,
      attributes: { [markup]: [markup], ['__proto__']: [markup] },
      mapped: Array.from({ length: 9 }, () => ({ from: markup, to: markup })),
      dropped: Array.from({ length: 9 }, () => markup),
      requestId: markup,
      ip: markup,
    });
  }
  for (const answer of [await carol.agent.get('/admin/access'), await explain(`${markup}\n${markup}`)]) {
    assert.equal(answer.status, 200);
    assert.ok(answer.text.includes('&lt;script&gt;alert(1)'));
    assert.doesNotMatch(answer.text, /<script>alert|<img src=x|<\/textarea><script/);
  }
});

test('earlier sign-ins are a page further, and a made-up cursor is refused', async () => {
  const { signInLog } = paperlift.services;
  for (let count = 0; count < 55; count++) {
    await signInLog.record({
      outcome: 'refused',
      reason: 'too-old',
      attributes: {},
      mapped: [],
      dropped: [],
      requestId: 'R',
      ip: '::1',
    });
  }
  const first = (await carol.agent.get('/admin/access')).text;
  assert.equal(first.match(/<tr>/g)?.length, 51);
  const [, next] = /href="(\/admin\/access\?cursor=[^"]+)"/.exec(first) ?? [];
  assert.match(said((await carol.agent.get(next as string)).text), /alice@example\.com/);
  assert.equal((await carol.agent.get('/admin/access?cursor=x')).status, 400);
});
