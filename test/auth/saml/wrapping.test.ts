// Signature wrapping, in the three ways in which a provider may sign.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { SAML } from '@node-saml/passport-saml';
import { messageRules } from '../../../src/auth/saml/message.rules.ts';
import { readPostedResponse } from '../../../src/auth/saml/message.ts';
import { samlOptions } from '../../../src/auth/saml/strategy.ts';
import { type Paperlift, startPaperlift } from '../../support/paperlift.ts';
import {
  answerTo,
  assertRefused,
  beginSignIn,
  editXml,
  encode,
  isSignedIn,
  postXml,
  wrappings,
} from '../../support/saml.ts';

const modes = {
  'a signed Response': {
    env: { SAML_WANT_ASSERTION_SIGNED: 'false' },
    signed: ['Response'] as const,
    attacks: ['XSW1', 'XSW2'],
  },
  'a signed Assertion': {
    env: { SAML_WANT_RESPONSE_SIGNED: 'false' },
    signed: ['Assertion'] as const,
    attacks: ['XSW3', 'XSW4', 'XSW5', 'XSW6', 'XSW7', 'XSW8'],
  },
  'both signed': {
    env: {},
    signed: ['Assertion', 'Response'] as const,
    attacks: Object.keys(wrappings),
  },
};

for (const [mode, { env, signed, attacks }] of Object.entries(modes)) {
  describe(mode, () => {
    let paperlift: Paperlift;
    before(async () => {
      paperlift = await startPaperlift({ env });
    });
    after(() => paperlift.stop());

    test('signs in when nothing was rearranged', async () => {
      const { agent, requestId } = await beginSignIn(paperlift);
      const xml = answerTo(paperlift, requestId, { sign: { signed: [...signed] } });
      assert.equal((await postXml(agent, xml)).status, 303);
      assert.ok(await isSignedIn(agent));
    });

    test('verifies every signature that is there, wanted or not', async () => {
      const { agent, requestId } = await beginSignIn(paperlift);
      const both = answerTo(paperlift, requestId);
      const [first = '', second = ''] = both.match(/<ds:SignatureValue>[^<]{20}/g) ?? [];
      for (const value of [first, second]) {
        const spoilt = both.replace(value, `${value.slice(0, -4)}AAAA`);
        assert.notEqual(spoilt, both);
        const answer = await postXml(agent, spoilt);
        await assertRefused(paperlift, agent, answer, 'signature-invalid');
      }
      assert.equal((await postXml(agent, both)).status, 303);
    });

    for (const name of attacks) {
      test(`${name} is refused, and does not use up the request`, async () => {
        const { agent, requestId } = await beginSignIn(paperlift);
        const good = answerTo(paperlift, requestId, { sign: { signed: [...signed] } });
        const forged = editXml(good, wrappings[name] as (document: Document) => void);
        assert.notEqual(forged, good);
        await assertRefused(paperlift, agent, await postXml(agent, forged), 'assertion-not-alone', name);
        assert.equal((await postXml(agent, good)).status, 303, 'the good one still counts');
      });

      test(`${name} is refused by another rule of the message too, and by node-saml alone`, async () => {
        const { requestId } = await beginSignIn(paperlift);
        const good = answerTo(paperlift, requestId, { sign: { signed: [...signed] } });
        const SAMLResponse = encode(editXml(good, wrappings[name] as (document: Document) => void));
        const provider = await paperlift.services.samlProviders.find('default');
        assert.ok(provider);
        const library = new SAML(samlOptions(paperlift.config.saml, { provider }));
        await library.validatePostResponseAsync({ SAMLResponse: encode(good) });
        await assert.rejects(library.validatePostResponseAsync({ SAMLResponse }), /signature/i);
        const message = await readPostedResponse({ SAMLResponse }, {});
        const broken = messageRules.filter(({ broken }) => broken(message)).map(({ code }) => code);
        assert.ok(broken.length > 1, broken.join());
      });
    }
  });
}
