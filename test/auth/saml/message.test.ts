import assert from 'node:assert/strict';
import { test } from 'node:test';
import { assertionRules } from '../../../src/auth/saml/assertion.rules.ts';
import { envelopeRules } from '../../../src/auth/saml/envelope.rules.ts';
import { messageRules } from '../../../src/auth/saml/message.rules.ts';
import { readPostedResponse } from '../../../src/auth/saml/message.ts';
import { refusals } from '../../../src/auth/saml/refusals.ts';
import { SignInRefused } from '../../../src/auth/saml/sign-in-refused.error.ts';
import { leastProcessorMs } from '../../support/processor-time.ts';

// the parser takes seconds for some of them: they must be refused before it sees them
const costly = {
  '100 KB of <': '<'.repeat(100_000),
  '100 KB of < after a good beginning': `<a>${'<'.repeat(99_000)}`,
  '100 KB of < with white space between': `<a>${'< '.repeat(49_000)}`,
  '25 000 tags': `<a>${'<b/>'.repeat(24_000)}</a>`,
  '14 000 levels': `${'<a>'.repeat(14_000)}${'</a>'.repeat(14_000)}`,
  '100 KB of a document type': `<!DOCTYPE a [${'<!ENTITY a "b">'.repeat(6000)}]><a/>`,
};

for (const [name, xml] of Object.entries(costly)) {
  test(`${name}: refused in under 20 ms`, async () => {
    const SAMLResponse = Buffer.from(xml).toString('base64');
    const ms = await leastProcessorMs(5, () =>
      assert.rejects(readPostedResponse({ SAMLResponse }, {}), SignInRefused),
    );
    assert.ok(ms < 20, `${ms} ms`);
  });
}

const large = {
  'deeply nested': `${`<a b="${'x'.repeat(60)}">`.repeat(1240)}${'</a>'.repeat(1240)}`,
  'with many elements': `<a>${`<b c="${'x'.repeat(25)}"/>`.repeat(2450)}</a>`,
  'with many attributes': `<a ${Array.from({ length: 9000 }, (_, index) => `a${index}=""`).join(' ')}/>`,
  'with a long text': `<a>${'x&lt;'.repeat(20_000)}</a>`,
  'with many comments': `<a>${'<!-- a comment that says nothing -->'.repeat(2450)}</a>`,
  'with many namespaces': `${Array.from({ length: 1240 }, (_, index) => `<a xmlns:n${index}="urn:${index}">`).join('')}${'</a>'.repeat(1240)}`,
};

for (const [name, xml] of Object.entries(large)) {
  test(`100 KB ${name} do not hold up the process`, async () => {
    const SAMLResponse = Buffer.from(xml).toString('base64');
    const ms = await leastProcessorMs(5, async () => {
      const message = await readPostedResponse({ SAMLResponse }, {}).catch(() => undefined);
      if (message) for (const rule of messageRules) rule.broken(message);
    });
    assert.ok(ms < 500, `${ms} ms`);
  });
}

test('every rule cites its clause and has its refusal explained', () => {
  const rules = [...messageRules, ...envelopeRules, ...assertionRules];
  assert.ok(rules.length > 30);
  for (const { code, clause, must } of rules) {
    assert.ok(clause && must, code);
    assert.ok(refusals[code].meaning && refusals[code].remedy, code);
  }
  assert.equal(new Set(rules.map(({ code }) => code)).size, rules.length, 'a code is one rule’s');
});
