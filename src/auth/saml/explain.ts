// Tests a response rule by rule, for sign-in diagnostics. Consumes nothing and signs no one in.
import { SAML } from '@node-saml/passport-saml';
import type { Config } from '../../config/config.ts';
import type { SamlProvider } from '../../config/provider.config.ts';
import type { Policies } from '../../people/policies.ts';
import type { SamlStore } from '../saml.store.ts';
import { readPerson } from '../sign-in.service.ts';
import { assertionRules } from './assertion.rules.ts';
import { readAssertion } from './assertion.ts';
import { envelopeRules } from './envelope.rules.ts';
import { messageRules } from './message.rules.ts';
import { type Message, readPostedResponse } from './message.ts';
import { asPosted } from './pasted-response.ts';
import type { Providers } from './providers.ts';
import { expect, openMessage, wantEverySignature } from './receiver.ts';
import { type RefusalCode, refusals } from './refusals.ts';
import type { Rule } from './rule.ts';
import { SignInRefused } from './sign-in-refused.error.ts';
import { samlOptions } from './strategy.ts';
import { attributeOf } from './xml.ts';

interface Dependencies {
  saml: Omit<Config['saml'], 'providers'>;
  providers: Providers;
  store: Pick<SamlStore, 'findRequest'>;
  policies: Policies;
  now: () => Date;
}

interface Check {
  rule: string;
  clause: string;
  ok: boolean;
  detail?: string;
}

export interface ResponseExplanation {
  checks: Check[];
  /** The refusal's code; `undefined` when the person would be signed in. */
  reason?: RefusalCode;
  attributes: Record<string, string[]>;
  mapped: { from: string; to: string }[];
  dropped: string[];
}

export function createResponseExplainer({ saml, providers, store, policies, now }: Dependencies) {
  /** Verifies the signatures alone: node-saml without times and audience, which our own rules check. */
  async function verifySignatures(message: Message, wanted: SamlProvider) {
    const provider = wantEverySignature(wanted, message);
    const options = { ...samlOptions(saml, { provider }), acceptedClockSkewMs: -1, audience: false as const };
    await new SAML(options).validatePostResponseAsync({ SAMLResponse: message.posted });
  }

  /** Accepts XML, its base64, or the form's body. Throws for an unknown provider. */
  return async (providerId: string, pasted: string): Promise<ResponseExplanation> => {
    const provider = await providers.find(providerId);
    if (!provider) throw new Error(`No provider has the id ${providerId}`);
    const found: ResponseExplanation = { checks: [], attributes: {}, mapped: [], dropped: [] };

    const check = (code: RefusalCode, rule: string, clause: string, broken: string | boolean | undefined) => {
      const ok = broken === false || broken === undefined;
      found.checks.push({ rule, clause, ok, ...(typeof broken === 'string' ? { detail: broken } : {}) });
      if (!ok) found.reason ??= code;
      return ok;
    };
    const checkAll = <Facts>(rules: Rule<Facts>[], facts: Facts) => {
      for (const { code, must, clause, broken } of rules) check(code, must, clause, broken(facts));
    };
    const stop = (error: unknown) => {
      if (!(error instanceof SignInRefused)) throw error;
      const { clause, meaning } = refusals[error.code];
      check(error.code, meaning, clause, error.detail ?? true);
      return found;
    };

    let message: Message;
    try {
      message = await openMessage(await readPostedResponse({ SAMLResponse: asPosted(pasted) }, {}), provider);
    } catch (error) {
      return stop(error);
    }
    const requestId = attributeOf(message.response, 'InResponseTo');
    const expected = expect(saml, { provider, requestId }, now());
    checkAll(messageRules, message);
    checkAll(envelopeRules, { ...message, expected });
    if (!message.assertion) return found;
    const unverified = await verifySignatures(message, provider).then(
      () => false as const,
      (error: Error) => error.message,
    );
    const { clause } = refusals['signature-invalid'];
    check('signature-invalid', 'The signatures match the provider’s certificates', clause, unverified);
    checkAll(assertionRules, { assertion: message.assertion, expected });

    const subject = readAssertion(message.assertion);
    const read = readPerson(subject, provider, policies);
    found.attributes = Object.fromEntries(subject.attributes);
    found.mapped = read.mapped;
    found.dropped = read.dropped;
    const refused = read.refusal && refusals[read.refusal.code];
    check(
      read.refusal?.code ?? 'no-group',
      'The person has an email address and a group in the group table',
      refused?.clause ?? 'configuration',
      read.refusal ? (refused?.meaning ?? true) : false,
    );
    // last, because a pasted response's request is rarely still pending
    if (requestId !== undefined) {
      const rule = 'The response answers a sign-in in progress';
      const isPending = Boolean(await store.findRequest(requestId));
      check('request-unknown', rule, refusals['request-unknown'].clause, isPending ? false : requestId);
    } else {
      const rule = 'The provider may start a sign-in';
      check('unsolicited', rule, refusals.unsolicited.clause, !provider.allowUnsolicited);
    }
    return found;
  };
}
