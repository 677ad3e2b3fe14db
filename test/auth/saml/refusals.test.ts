// What must be refused of a response, each built with the provider's real key and sent over HTTP.
import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { after, before, describe, test } from 'node:test';
import request from 'supertest';
import { generateSigningKey } from '../../../src/local/identity-provider/signing-key.ts';
import { type Paperlift, startPaperlift } from '../../support/paperlift.ts';
import {
  type Agent,
  type AnswerOptions,
  answerTo,
  assertRefused,
  beginSignIn,
  editXml,
  encode,
  isSignedIn,
  keyOfProvider,
  postXml,
  reasonOf,
} from '../../support/saml.ts';

let paperlift: Paperlift;
before(async () => {
  paperlift = await startPaperlift();
});
after(() => paperlift.stop());

const minutes = (count: number) => new Date(Date.now() + count * 60_000);

interface Row extends AnswerOptions {
  reason: string;
  /** Edits the signed answer. */
  after?: (xml: string) => string;
}

/** A test for each row, all against one browser's sign-in request; at the end that request still takes a good answer. */
function refuses(rows: Record<string, Row | (() => Row | Promise<Row>)>) {
  let signIn: ReturnType<typeof beginSignIn> | undefined;
  for (const [name, given] of Object.entries(rows)) {
    test(name, async () => {
      const { reason, after, ...options } = typeof given === 'function' ? await given() : given;
      signIn ??= beginSignIn(paperlift);
      const { agent, requestId } = await signIn;
      const xml = answerTo(paperlift, requestId, options);
      const sent = after?.(xml) ?? xml;
      if (after) assert.notEqual(sent, xml, 'the edit changes something');
      await assertRefused(paperlift, agent, await postXml(agent, sent), reason, name);
    });
  }

  test('none of these uses up the request: a good answer signs in', async () => {
    const { agent, requestId } = await (signIn ?? beginSignIn(paperlift));
    const good = await postXml(agent, answerTo(paperlift, requestId));
    assert.equal(good.status, 303);
  });
}

const replace = (from: string | RegExp, to: string) => (xml: string) => xml.replace(from, to);
const replaceAll = (from: RegExp, to: string) => (xml: string) => xml.replaceAll(from, to);
const signatures = /<ds:Signature [\s\S]*?<\/ds:Signature>/g;

describe('signatures', () => {
  refuses({
    'none at all': { sign: { signed: [] }, reason: 'nothing-signed' },
    'the Assertion’s alone, where both are wanted': {
      sign: { signed: ['Assertion'] },
      reason: 'response-unsigned',
    },
    'the Response’s alone, where both are wanted': {
      sign: { signed: ['Response'] },
      reason: 'assertion-unsigned',
    },
    'taken out of a signed answer': { after: replaceAll(signatures, ''), reason: 'nothing-signed' },
    'another key, with its certificate in KeyInfo': async () => ({
      sign: await generateSigningKey(),
      reason: 'signature-invalid',
    }),
    'another key for the Assertion, the Response rightly signed': async () => {
      const other = await generateSigningKey();
      return {
        edit: (xml) => replaceSignedAssertion(xml, other),
        sign: { signed: ['Response'] },
        reason: 'signature-invalid',
      };
    },
    'HMAC with the public key': () => ({
      sign: {
        privateKey: keyOfProvider(paperlift).certificate,
        signatureAlgorithm: 'http://www.w3.org/2000/09/xmldsig#hmac-sha1',
      },
      reason: 'algorithm-refused',
    }),
    'HMAC-SHA256 with the public key': () => {
      const { certificate } = keyOfProvider(paperlift);
      return {
        after: (xml: string) =>
          replaceAll(
            /xmldsig-more#rsa-sha256/g,
            'xmldsig-more#hmac-sha256',
          )(xml).replace(
            /<ds:SignatureValue>[^<]*/,
            `<ds:SignatureValue>${createHmac('sha256', certificate).update(xml).digest('base64')}`,
          ),
        reason: 'algorithm-refused',
      };
    },
    'SHA-1 in the signature': {
      sign: { signatureAlgorithm: 'http://www.w3.org/2000/09/xmldsig#rsa-sha1' },
      reason: 'algorithm-refused',
    },
    'SHA-1 in the digest': {
      sign: { digestAlgorithm: 'http://www.w3.org/2000/09/xmldsig#sha1' },
      reason: 'algorithm-refused',
    },
    'canonicalization with comments': {
      sign: {
        transforms: [
          'http://www.w3.org/2000/09/xmldsig#enveloped-signature',
          'http://www.w3.org/2001/10/xml-exc-c14n#WithComments',
        ],
      },
      reason: 'algorithm-refused',
    },
    'two SignedInfo': {
      after: (xml) => xml.replace(/<ds:SignedInfo>[\s\S]*?<\/ds:SignedInfo>/, (info) => info + info),
      reason: 'signature-malformed',
    },
    'two SignatureValue': {
      after: (xml) => xml.replace(/<ds:SignatureValue>[^<]*<\/ds:SignatureValue>/, (value) => value + value),
      reason: 'signature-malformed',
    },
    'two References': {
      after: (xml) =>
        xml.replace(/<ds:Reference [\s\S]*?<\/ds:Reference>/, (reference) => reference + reference),
      reason: 'signature-reference',
    },
    'a Reference to the whole document': {
      after: replace(/<ds:Reference URI="[^"]*"/, '<ds:Reference URI=""'),
      reason: 'signature-reference',
    },
    'a comment in DigestValue': {
      after: replace('<ds:DigestValue>', '<ds:DigestValue><!-- forged -->'),
      reason: 'signature-holds-content',
    },
    'a comment in SignatureValue': {
      after: replace('<ds:SignatureValue>', '<ds:SignatureValue><!-- forged -->'),
      reason: 'signature-holds-content',
    },
    'more than two transforms': {
      after: (xml) => xml.replace(/<ds:Transform [^>]*\/>/, (transform) => transform.repeat(2)),
      reason: 'transforms-too-many',
    },
    'two Signatures in one element': {
      after: (xml) => xml.replace(signatures, (signature) => signature + signature),
      reason: 'signature-repeated',
    },
    'a decoy Signature elsewhere': {
      after: (xml) => {
        const [signature = ''] = xml.match(signatures) ?? [];
        return xml.replace('</saml:Subject>', `${signature}</saml:Subject>`);
      },
      reason: 'signature-misplaced',
    },
    'an Object in the Signature': {
      after: replace('</ds:Signature>', '<ds:Object>more</ds:Object></ds:Signature>'),
      reason: 'signature-holds-content',
    },
    'an altered name': {
      after: replaceAll(/alice@example\.com/g, 'carol@example.com'),
      reason: 'signature-invalid',
    },
    'an altered Response around a rightly signed Assertion': {
      after: replace(/IssueInstant="[^"]*"/, 'IssueInstant="2020-01-01T00:00:00Z"'),
      reason: 'signature-invalid',
    },
  });
});

/** The answer with an Assertion signed by somebody else. */
function replaceSignedAssertion(xml: string, key: { privateKey: string; certificate: string }) {
  const requestId = /InResponseTo="([^"]*)"/.exec(xml)?.[1] as string;
  const forged = answerTo(paperlift, requestId, { sign: { ...key, signed: ['Assertion'] } });
  const assertion = /<saml:Assertion [\s\S]*<\/saml:Assertion>/;
  return xml.replace(assertion, () => assertion.exec(forged)?.[0] as string);
}

describe('time and place', () => {
  refuses({
    'expired (the conditions)': {
      edit: (xml) => changeIn(xml, 'Conditions', 'NotOnOrAfter', minutes(-2).toISOString()),
      reason: 'expired',
    },
    'expired (the confirmation)': {
      edit: (xml) => changeIn(xml, 'SubjectConfirmationData', 'NotOnOrAfter', minutes(-2).toISOString()),
      reason: 'confirmation-expired',
    },
    'a confirmation without an end': {
      edit: (xml) => changeIn(xml, 'SubjectConfirmationData', 'NotOnOrAfter', undefined),
      reason: 'confirmation-expired',
    },
    'an end that is no time': {
      edit: (xml) => changeIn(xml, 'SubjectConfirmationData', 'NotOnOrAfter', 'tomorrow'),
      reason: 'confirmation-expired',
    },
    'a confirmation with a NotBefore': {
      edit: (xml) => changeIn(xml, 'SubjectConfirmationData', 'NotBefore', minutes(-2).toISOString()),
      reason: 'confirmation-not-before',
    },
    'issued long ago, whatever it says of its end': {
      claims: { issuedAt: minutes(-10), notOnOrAfter: minutes(50) },
      reason: 'too-old',
    },
    'not yet valid': () => ({ claims: { notBefore: minutes(3) }, reason: 'not-yet-valid' }),
    'issued in the future': () => ({
      claims: { issuedAt: minutes(3), notBefore: minutes(-1) },
      reason: 'not-yet-valid',
    }),
    'no Conditions': {
      edit: replace(/<saml:Conditions[\s\S]*<\/saml:Conditions>/, ''),
      reason: 'conditions-missing',
    },
    'two Conditions': {
      edit: (xml) => xml.replace(/<saml:Conditions[\s\S]*<\/saml:Conditions>/, (found) => found + found),
      reason: 'conditions-missing',
    },
    'a condition that nobody knows': {
      edit: replace('</saml:Conditions>', '<saml:OnlyOnSundays/></saml:Conditions>'),
      reason: 'condition-unknown',
    },
    'no audience': {
      edit: replace(/<saml:AudienceRestriction>.*<\/saml:AudienceRestriction>/, ''),
      reason: 'audience-wrong',
    },
    'wrong Audience': { claims: { audience: 'https://other.example' }, reason: 'audience-wrong' },
    'a second AudienceRestriction that names somebody else': {
      edit: replace(
        '</saml:Conditions>',
        '<saml:AudienceRestriction><saml:Audience>https://other.example</saml:Audience></saml:AudienceRestriction></saml:Conditions>',
      ),
      reason: 'audience-wrong',
    },
    'wrong Recipient': { claims: { recipient: 'https://other.example/acs' }, reason: 'recipient-wrong' },
    'no Recipient': {
      edit: (xml) => changeIn(xml, 'SubjectConfirmationData', 'Recipient', undefined),
      reason: 'recipient-wrong',
    },
    'wrong Destination': () => ({
      claims: { destination: 'https://other.example/acs', recipient: paperlift.config.saml.acsUrl },
      reason: 'destination-wrong',
    }),
    'no Destination': { edit: replace(/ Destination="[^"]*"/, ''), reason: 'destination-wrong' },
    'wrong Issuer': { claims: { issuer: 'urn:other' }, reason: 'issuer-wrong' },
    'no Issuer of the Response': {
      // outside of what a provider can sign with: so it is taken out after, and refused before the signature counts
      after: replace(/<saml:Issuer>[^<]*<\/saml:Issuer>/, ''),
      reason: 'issuer-wrong',
    },
    'wrong Issuer of the Assertion': {
      edit: (xml) => xml.replace(/(<saml:Assertion[^>]*>)<saml:Issuer>[^<]*/, '$1<saml:Issuer>urn:other'),
      reason: 'assertion-issuer-wrong',
    },
    'no AuthnStatement': {
      edit: replace(/<saml:AuthnStatement[\s\S]*<\/saml:AuthnStatement>/, ''),
      reason: 'authn-statement-missing',
    },
    'the provider’s session over': {
      edit: (xml) => changeIn(xml, 'AuthnStatement', 'SessionNotOnOrAfter', minutes(-2).toISOString()),
      reason: 'provider-session-over',
    },
    'unknown InResponseTo': { claims: { inResponseTo: '_unknown' }, reason: 'request-unknown' },
    'unsolicited: no InResponseTo at all': {
      edit: replaceAll(/ InResponseTo="[^"]*"/g, ''),
      reason: 'unsolicited',
    },
    'a confirmation without InResponseTo': {
      edit: (xml) => changeIn(xml, 'SubjectConfirmationData', 'InResponseTo', undefined),
      reason: 'confirmation-request-wrong',
    },
    'a confirmation of another request': {
      edit: (xml) => changeIn(xml, 'SubjectConfirmationData', 'InResponseTo', '_other'),
      reason: 'confirmation-request-wrong',
    },
  });

  test('a clock that differs by less than the configured half minute is fine', async () => {
    const { agent, requestId } = await beginSignIn(paperlift);
    const claims = { notBefore: minutes(0.3), issuedAt: minutes(0.3) };
    assert.equal((await postXml(agent, answerTo(paperlift, requestId, { claims }))).status, 303);
  });

  test('replayed one after the other, to the same request and to a new one', async () => {
    const { agent, requestId } = await beginSignIn(paperlift);
    const xml = answerTo(paperlift, requestId);
    const cookie = cookieOf(agent);
    assert.equal((await postXml(agent, xml)).status, 303);
    const replay = await postXml(withCookie(cookie), xml);
    assert.equal(reasonOf(paperlift, replay), 'request-unknown');
    assert.equal(replay.headers['set-cookie'], undefined);
    // the same assertion id, signed again for the next request: bearer assertions count once
    const assertionId = /<saml:Assertion[^>]* ID="([^"]*)"/.exec(xml)?.[1] as string;
    const next = await beginSignIn(paperlift);
    const again = await postXml(next.agent, answerTo(paperlift, next.requestId, { claims: { assertionId } }));
    await assertRefused(paperlift, next.agent, again, 'assertion-used-before');
  });

  test('replayed five at once from five connections: one session', async () => {
    const { agent, requestId } = await beginSignIn(paperlift);
    const xml = answerTo(paperlift, requestId);
    const cookie = cookieOf(agent);
    const answers = await Promise.all(Array.from({ length: 5 }, () => postXml(withCookie(cookie), xml)));
    const statuses = answers.map(({ status }) => status).sort();
    assert.deepEqual(statuses, [303, 403, 403, 403, 403]);
    assert.equal(answers.filter(({ headers }) => headers['set-cookie']).length, 1);
    for (const answer of answers.filter(({ status }) => status === 403)) {
      assert.match(String(reasonOf(paperlift, answer)), /^request-(used-up|unknown)$/);
    }
  });
});

function changeIn(xml: string, element: string, attribute: string, value: string | undefined) {
  return editXml(xml, (document) => {
    const found = document.getElementsByTagNameNS('*', element)[0];
    if (value === undefined) found?.removeAttribute(attribute);
    else found?.setAttribute(attribute, value);
  });
}

function cookieOf(agent: Agent) {
  return agent.jar
    .getCookies({ path: '/', domain: 'localhost', secure: false, script: false } as never)
    .map((cookie: { name: string; value: string }) => `${cookie.name}=${cookie.value}`)
    .join('; ');
}

const withCookie = (cookie: string) => ({
  post: (address: string) => request(paperlift.url).post(address).set('Cookie', cookie),
});

describe('shape', () => {
  const aFailure = 'urn:oasis:names:tc:SAML:2.0:status:AuthnFailed';
  refuses({
    'a DOCTYPE': { after: (xml) => `<!DOCTYPE samlp:Response>${xml}`, reason: 'document-type' },
    entities: {
      after: (xml) => `<!DOCTYPE x [<!ENTITY who "carol@example.com">]>${xml}`,
      reason: 'document-type',
    },
    'two roots': { after: (xml) => xml + xml, reason: 'response-not-xml' },
    'something beside the root': { after: (xml) => `${xml}<?more?>`, reason: 'response-not-xml' },
    'two assertions': {
      edit: (xml) =>
        xml.replace(
          /<saml:Assertion [\s\S]*<\/saml:Assertion>/,
          (found) => found + found.replace(/ ID="[^"]*"/, ' ID="_second"'),
        ),
      reason: 'assertion-not-alone',
    },
    'duplicate ID': {
      edit: (xml) =>
        xml.replace(/<saml:AttributeStatement>/, () => {
          const [, id] = /<saml:Assertion[^>]* ID="([^"]*)"/.exec(xml) ?? [];
          return `<saml:AttributeStatement Id="${id}">`;
        }),
      reason: 'id-repeated',
    },
    'no ID': { after: replace(/ ID="[^"]*"/, ''), reason: 'id-repeated' },
    'another version': { after: replace('Version="2.0"', 'Version="1.1"'), reason: 'version-wrong' },
    'no Response': {
      after: replaceAll(/samlp:Response/g, 'samlp:LogoutResponse'),
      reason: 'not-a-response',
    },
    'a Response of another namespace': {
      after: replace('SAML:2.0:protocol', 'SAML:1.1:protocol'),
      reason: 'not-a-response',
    },
    'elements that do not belong there': {
      after: replace('</samlp:Status>', '</samlp:Status><samlp:More/>'),
      reason: 'element-unexpected',
    },
    'no Assertion': {
      edit: replace(/<saml:Assertion [\s\S]*<\/saml:Assertion>/, ''),
      sign: { signed: ['Response'] },
      reason: 'assertion-missing',
    },
    'a Status other than Success, with an Assertion': {
      claims: { status: aFailure },
      reason: 'status-not-success',
    },
    'a Status other than Success, without one': {
      claims: { status: aFailure },
      edit: replace(/<saml:Assertion [\s\S]*<\/saml:Assertion>/, ''),
      sign: { signed: ['Response'] },
      reason: 'status-not-success',
    },
    'two StatusCodes': {
      edit: replace('</samlp:Status>', `<samlp:StatusCode Value="${aFailure}"/></samlp:Status>`),
      reason: 'status-not-success',
    },
    'no Status': { edit: replace(/<samlp:Status>.*<\/samlp:Status>/, ''), reason: 'status-not-success' },
    'a confirmation method other than bearer': {
      edit: replace('cm:bearer', 'cm:sender-vouches'),
      reason: 'confirmation-not-bearer',
    },
    'two confirmations': {
      edit: (xml) =>
        xml.replace(
          /<saml:SubjectConfirmation [\s\S]*<\/saml:SubjectConfirmation>/,
          (found) => found + found,
        ),
      reason: 'confirmation-not-bearer',
    },
    'no NameID': { edit: replace(/<saml:NameID[\s\S]*<\/saml:NameID>/, ''), reason: 'name-id-missing' },
    'an empty NameID': { claims: { nameId: ' ' }, reason: 'name-id-missing' },
    'two NameIDs': {
      edit: (xml) => xml.replace(/<saml:NameID[\s\S]*<\/saml:NameID>/, (found) => found + found),
      reason: 'name-id-missing',
    },
    'an attribute named nameID': withAttribute('nameID', '_carol'),
    'an attribute named __proto__': withAttribute('__proto__', 'x'),
    'an attribute without a name': {
      edit: replace(/<saml:Attribute Name="email"/, '<saml:Attribute'),
      reason: 'attribute-name-refused',
    },
    'duplicate attributes': {
      ...withAttribute('email', 'carol@example.com'),
      reason: 'attribute-repeated',
    },
  });

  test('no mail address', async () => {
    const { agent, requestId } = await beginSignIn(paperlift);
    const xml = answerTo(paperlift, requestId, { claims: { attributes: { groups: ['Paperlift Users'] } } });
    await assertRefused(paperlift, agent, await postXml(agent, xml), 'email-missing');
  });
});

function withAttribute(name: string, value: string): Row {
  return {
    edit: replace(
      '</saml:AttributeStatement>',
      `<saml:Attribute Name="${name}"><saml:AttributeValue>${value}</saml:AttributeValue></saml:Attribute></saml:AttributeStatement>`,
    ),
    reason: 'attribute-name-refused',
  };
}

describe('identity', () => {
  const personOf = async (agent: Agent) => (await agent.get('/')).text.match(/[\w.]+@example\.com/)?.[0];
  const signedInAs = (answer: request.Response) =>
    paperlift.logs
      .entries()
      .find(({ msg, requestId }) => msg === 'signed in' && requestId === answer.headers['x-request-id'])
      ?.personId;

  test('a comment inside NameID does not shorten it', async () => {
    const whole = '_alice.evil.example';
    const ids: unknown[] = [];
    for (const comment of ['', '<!-- -->']) {
      const { agent, requestId } = await beginSignIn(paperlift);
      const xml = answerTo(paperlift, requestId, { claims: { nameId: whole } });
      const split = xml.replace(whole, `_alice${comment}.evil.example`);
      const answer = await postXml(agent, split);
      assert.equal(answer.status, 303, 'a comment is not signed: the answer is as good as without');
      ids.push(signedInAs(answer));
    }
    assert.ok(ids[0]);
    assert.equal(ids[1], ids[0]);
  });

  test('every 101st byte of a signed response flipped: refused, or the same person', async () => {
    let { agent, requestId } = await beginSignIn(paperlift);
    const good = await postXml(agent, answerTo(paperlift, requestId));
    const alice = signedInAs(good);
    ({ agent, requestId } = await beginSignIn(paperlift));
    let xml = answerTo(paperlift, requestId);
    const outcomes = { refused: 0, same: 0 };
    for (let position = 0; position < xml.length; position += 101) {
      const bytes = Buffer.from(xml);
      bytes[position] = (bytes[position] as number) ^ 1;
      const SAMLResponse = bytes.toString('base64');
      const answer = await agent.post('/auth/saml/acs').type('form').send({ SAMLResponse });
      if (answer.status === 303) {
        assert.equal(signedInAs(answer), alice, `byte ${position}`);
        assert.equal(await personOf(agent), 'alice@example.com');
        outcomes.same++;
        ({ agent, requestId } = await beginSignIn(paperlift));
        xml = answerTo(paperlift, requestId);
      } else {
        assert.ok(answer.status >= 400 && answer.status < 500, `byte ${position}: ${answer.status}`);
        assert.ok(reasonOf(paperlift, answer), `byte ${position} has a reason`);
        outcomes.refused++;
      }
    }
    assert.ok(outcomes.refused > 40, JSON.stringify(outcomes));
  });
});

describe('logout', () => {
  const message = (name: string) =>
    encode(
      `<samlp:${name} xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol" xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion" ID="_1" Version="2.0" IssueInstant="${new Date().toISOString()}"><saml:Issuer>${paperlift.standIns.env.SAML_IDP_ISSUER}</saml:Issuer><samlp:Status><samlp:StatusCode Value="urn:oasis:names:tc:SAML:2.0:status:Success"/></samlp:Status></samlp:${name}>`,
    );

  test('an unsigned LogoutRequest or LogoutResponse at the ACS signs nobody out', async () => {
    const { agent } = await paperlift.signIn('alice@example.com');
    const asRequest = await agent
      .post('/auth/saml/acs')
      .type('form')
      .send({ SAMLRequest: message('LogoutRequest') });
    assert.equal(reasonOf(paperlift, asRequest), 'response-missing');
    for (const name of ['LogoutRequest', 'LogoutResponse']) {
      const answer = await agent
        .post('/auth/saml/acs')
        .type('form')
        .send({ SAMLResponse: message(name) });
      assert.equal(reasonOf(paperlift, answer), 'not-a-response', name);
      assert.equal(answer.status, 403);
    }
    assert.ok(await isSignedIn(agent));
  });

  test('no redirect-binding logout endpoint is exposed', async () => {
    const { agent } = await paperlift.signIn('alice@example.com');
    for (const address of ['/auth/saml/acs', '/auth/saml/slo', '/auth/logout', '/auth/saml/logout']) {
      for (const name of ['SAMLRequest', 'SAMLResponse']) {
        const answer = await agent.get(address).query({ [name]: message('LogoutRequest') });
        assert.equal(answer.status, address === '/auth/saml/logout' ? 404 : 405, address);
      }
    }
    assert.ok(await isSignedIn(agent));
  });
});

describe('RelayState', () => {
  for (const evil of [
    '//evil.example',
    '/\\evil.example',
    '/%5cevil.example',
    '/%5Cevil.example',
    'https://evil.example/',
    'evil.example',
    '/auth/logout',
    'javascript:alert(1)',
    '/\t/evil.example',
    '/.//evil.example',
    '/..//evil.example',
    '/x/..//evil.example',
    '/x/../..//evil.example',
    '/%2e//evil.example',
    '/%2E%2e//evil.example',
    '/x/%2e.//evil.example?next=1',
    '/./\\evil.example',
    '/.///evil.example',
    '/./auth/logout',
    '/x/%2e%2e/auth/logout',
    '',
  ]) {
    test(`${JSON.stringify(evil)} leads to /`, async () => {
      const { agent, requestId } = await beginSignIn(paperlift);
      const answer = await postXml(agent, answerTo(paperlift, requestId), evil);
      assert.equal(answer.status, 303);
      assert.equal(answer.headers.location, '/');
    });
  }

  test('a path of this site is kept', async () => {
    const { agent, requestId } = await beginSignIn(paperlift);
    const answer = await postXml(agent, answerTo(paperlift, requestId), '/projects/x?tab=exports');
    assert.equal(answer.headers.location, '/projects/x?tab=exports');
  });
});

describe('a pending request', () => {
  test('is not used up by an unsigned response that names it', async () => {
    const { agent, requestId } = await beginSignIn(paperlift);
    const stranger = request.agent(paperlift.url);
    const unsigned = answerTo(paperlift, requestId, { sign: { signed: [] } });
    for (const browser of [agent, stranger]) assert.equal((await postXml(browser, unsigned)).status, 403);
    assert.equal((await postXml(agent, answerTo(paperlift, requestId))).status, 303);
  });

  test('of one browser, answered by another browser or without cookies, signs nobody in', async () => {
    const alice = await beginSignIn(paperlift);
    const other = await beginSignIn(paperlift);
    const without = request.agent(paperlift.url);
    const xml = answerTo(paperlift, alice.requestId);
    for (const agent of [other.agent, without]) {
      await assertRefused(paperlift, agent, await postXml(agent, xml), 'request-of-another-browser');
    }
    assert.equal((await postXml(alice.agent, xml)).status, 303);
  });
});

describe('a request that is none', () => {
  const xml = '<a/>';
  const bad: Record<string, { body: string | object; reason: string }> = {
    missing: { body: { RelayState: '/' }, reason: 'response-missing' },
    'an empty form': { body: '', reason: 'response-missing' },
    empty: { body: { SAMLResponse: '' }, reason: 'response-missing' },
    'given twice': {
      body: `SAMLResponse=${encode(xml)}&SAMLResponse=${encode(xml)}`,
      reason: 'response-missing',
    },
    'an array': { body: `SAMLResponse[]=${encode(xml)}`, reason: 'response-missing' },
    'not base64': { body: { SAMLResponse: '<samlp:Response/>' }, reason: 'response-not-base64' },
    'not XML': { body: { SAMLResponse: encode('hello') }, reason: 'response-not-xml' },
    'broken XML': { body: { SAMLResponse: encode('<a><b></a>') }, reason: 'response-not-xml' },
    'more than 100 KB': {
      body: { SAMLResponse: encode(`<a>${'x'.repeat(102_400)}</a>`) },
      reason: 'response-too-large',
    },
    'more than any form': { body: { SAMLResponse: 'A'.repeat(300_000) }, reason: 'response-too-large' },
    'too many fields': {
      body: Array.from({ length: 50 }, (_, index) => `f${index}=x`).join('&'),
      reason: 'response-missing',
    },
    'very deep': {
      body: { SAMLResponse: encode(`${'<a>'.repeat(1200)}${'</a>'.repeat(1200)}`) },
      reason: 'not-a-response',
    },
  };
  for (const [name, { body, reason }] of Object.entries(bad)) {
    test(`SAMLResponse ${name}: 4xx, never a new redirect to the provider`, async () => {
      const { agent } = await beginSignIn(paperlift);
      const answer = await agent.post('/auth/saml/acs').type('form').send(body);
      await assertRefused(paperlift, agent, answer, reason, name);
      assert.equal(answer.status, reason === 'not-a-response' ? 403 : 400);
      assert.equal(answer.headers.location, undefined);
    });
  }

  test('SAMLResponse as JSON, or in the query, is none', async () => {
    const { agent, requestId } = await beginSignIn(paperlift);
    const SAMLResponse = encode(answerTo(paperlift, requestId));
    const json = await agent.post('/auth/saml/acs').send({ SAMLResponse });
    await assertRefused(paperlift, agent, json, 'response-missing');
    const query = await agent.post('/auth/saml/acs').query({ SAMLResponse });
    await assertRefused(paperlift, agent, query, 'response-in-query');
    const both = await agent
      .post('/auth/saml/acs')
      .query({ SAMLResponse })
      .type('form')
      .send({ SAMLResponse });
    await assertRefused(paperlift, agent, both, 'response-in-query');
    assert.equal((await agent.get('/auth/saml/acs').query({ SAMLResponse })).status, 405);
  });
});

describe('the operator', () => {
  test('finds each sign-in, accepted and refused, once in the log and once among the records', async () => {
    const { agent, requestId } = await beginSignIn(paperlift);
    const refused = await postXml(agent, answerTo(paperlift, requestId, { claims: { audience: 'other' } }));
    const accepted = await postXml(agent, answerTo(paperlift, requestId));
    const lines = (answer: request.Response) =>
      paperlift.logs
        .entries()
        .filter(({ msg }) => msg === 'sign-in refused' || msg === 'signed in')
        .filter((entry) => entry.requestId === answer.headers['x-request-id']);
    assert.deepEqual([lines(refused).length, lines(accepted).length], [1, 1]);
    const { items } = await paperlift.services.signInLog.latest('default', { limit: 2 });
    const [last, previous] = items;
    assert.equal(last?.outcome, 'signed-in');
    assert.equal(last?.email, 'alice@example.com');
    assert.deepEqual(last?.mapped, [
      { from: 'Paperlift Users', to: 'paperlift-users' },
      { from: 'Finance', to: 'team:Finance' },
    ]);
    assert.deepEqual(last?.dropped, ['CN=All Staff, HQ,OU=Groups,DC=example,DC=com']);
    assert.equal(previous?.outcome, 'refused');
    assert.equal(previous?.reason, 'audience-wrong');
    assert.equal(previous?.detail, 'other');
    assert.equal(previous?.providerId, 'default');
    assert.equal(previous?.requestId, refused.headers['x-request-id']);
  });
});
