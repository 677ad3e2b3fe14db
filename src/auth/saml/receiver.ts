// A posted response on its way to a verified subject: the rules on the message, node-saml, the rules on what it verified,
// and then, once only, the use of it.
import type { Config } from '../../config/config.ts';
import type { SamlProvider } from '../../config/provider.config.ts';
import type { SamlStore } from '../saml.store.ts';
import { assertionRules } from './assertion.rules.ts';
import { readAssertion } from './assertion.ts';
import { decryptAssertion } from './encrypted-assertion.ts';
import { envelopeRules } from './envelope.rules.ts';
import { messageRules } from './message.rules.ts';
import { type Message, takeApart } from './message.ts';
import type { Providers } from './providers.ts';
import type { Expected, Rule } from './rule.ts';
import { SignInRefused } from './sign-in-refused.error.ts';
import { attributeOf, onlyChild, parseXml, textOf } from './xml.ts';

interface Dependencies {
  saml: Omit<Config['saml'], 'providers'>;
  providers: Providers;
  store: SamlStore;
  now: () => Date;
}

interface Incoming {
  message: Message;
  /** What is stored of the browser's cookie. */
  browserHash: string;
  /** Told as soon as it is known, for the log. */
  onProvider(provider: SamlProvider): void;
  /** node-saml: resolves with the verified bytes of the assertion, rejects with its own errors. */
  verify(exchange: { provider: SamlProvider; requestId?: string }): Promise<string>;
}

export type VerifiedSubject = ReturnType<typeof readAssertion>;

export function createResponseReceiver({ saml, providers, store, now }: Dependencies) {
  /** The provider that the response must be from, and the request it must answer. */
  async function findExchange(message: Message, browserHash: string) {
    const requestId = attributeOf(message.response, 'InResponseTo');
    if (requestId !== undefined) {
      const pending = await store.findRequest(requestId);
      if (!pending) throw new SignInRefused('request-unknown', requestId.slice(0, 100));
      if (pending.browserHash !== browserHash) throw new SignInRefused('request-of-another-browser');
      const provider = await providers.find(pending.providerId);
      if (!provider) throw new SignInRefused('provider-unknown', pending.providerId);
      return { provider, requestId };
    }
    const issuer = issuerOf(message);
    const provider = await providers.findByIssuer(issuer);
    if (!provider) throw new SignInRefused('provider-unknown', issuer.slice(0, 200));
    if (!provider.allowUnsolicited) throw new SignInRefused('unsolicited', provider.id);
    return { provider };
  }

  return {
    /** Throws SignInRefused. */
    async receive({ message: posted, browserHash, onProvider, verify }: Incoming): Promise<VerifiedSubject> {
      keep(messageRules, posted);
      const exchange = await findExchange(posted, browserHash);
      onProvider(exchange.provider);
      const message = await openMessage(posted, exchange.provider);
      const expected = expect(saml, exchange, now());
      keep(envelopeRules, { ...message, expected });

      const provider = wantEverySignature(exchange.provider, message);
      const xml = await verify({ ...exchange, provider }).catch(async (error: Error) => {
        const refusal = nameRefusal(error, message, expected);
        // a new signing certificate, perhaps, that was not there when the metadata was read
        const renewed = refusal.code === 'signature-invalid' ? await providers.reread(provider) : undefined;
        if (!renewed) throw refusal;
        return verify({ ...exchange, provider: wantEverySignature(renewed, message) }).catch(
          (error: Error) => {
            throw nameRefusal(error, message, expected);
          },
        );
      });
      const assertion = await parseXml(xml);
      keep(assertionRules, { assertion, expected });
      const subject = readAssertion(assertion);

      // of several replays at once, exactly one deletes the request
      if (exchange.requestId && !(await store.consumeRequest(exchange.requestId))) {
        throw new SignInRefused('request-used-up');
      }
      if (!(await store.useAssertion(subject))) {
        throw new SignInRefused('assertion-used-before');
      }
      return subject;
    },
  };
}

export type ResponseReceiver = ReturnType<typeof createResponseReceiver>;

/** Signatures that are there must verify, wanted or not (profiles 4.1.4.3): node-saml looks at wanted ones only. */
export function wantEverySignature(provider: SamlProvider, { response, assertion }: Message): SamlProvider {
  const isSigned = (element: Element | undefined) =>
    onlyChild(element, 'signature', 'Signature') !== undefined;
  return {
    ...provider,
    wantResponseSigned: provider.wantResponseSigned || isSigned(response),
    wantAssertionSigned: provider.wantAssertionSigned || isSigned(assertion),
  };
}

/** What the rules compare with. */
export function expect(
  saml: Dependencies['saml'],
  { provider, requestId }: { provider: SamlProvider; requestId?: string },
  now: Date,
): Expected {
  const { idpIssuer, wantAssertionSigned, wantResponseSigned } = provider;
  const { acsUrl, spEntityId, clockSkewMs } = saml;
  const wanted = { idpIssuer, wantAssertionSigned, wantResponseSigned };
  return { ...wanted, acsUrl, spEntityId, clockSkewMs, requestId, now };
}

/** The message with what its EncryptedAssertion holds, if it has one. Throws SignInRefused. */
export async function openMessage(message: Message, provider: SamlProvider): Promise<Message> {
  if (!message.isEncrypted) return message;
  if (!provider.decryptionKey) throw new SignInRefused('encryption-not-expected');
  const decrypted = await decryptAssertion(message.assertions[0] as Element, provider.decryptionKey);
  const opened = takeApart({ ...message, decrypted });
  keep(messageRules, opened);
  return opened;
}

/** The sender that an unsolicited response names. Not trusted yet. */
function issuerOf({ response, assertion }: Message): string {
  return textOf(
    onlyChild(response, 'assertion', 'Issuer') ?? (assertion && onlyChild(assertion, 'assertion', 'Issuer')),
  );
}

/** Maps node-saml's error to our codes: it verifies signatures first, and our rules name everything else. */
function nameRefusal(error: Error, { assertion }: Message, expected: Expected): SignInRefused {
  if (/signature/i.test(error.message)) return new SignInRefused('signature-invalid', error.message, error);
  const broken = assertion && findBroken(assertionRules, { assertion, expected });
  return broken ?? new SignInRefused('library-refused', error.message, error);
}

function keep<Facts>(rules: Rule<Facts>[], facts: Facts) {
  const broken = findBroken(rules, facts);
  if (broken) throw broken;
}

function findBroken<Facts>(rules: Rule<Facts>[], facts: Facts): SignInRefused | undefined {
  for (const { code, broken } of rules) {
    const found = broken(facts);
    if (found !== false && found !== undefined) {
      return new SignInRefused(code, found === true ? undefined : found.slice(0, 300));
    }
  }
  return undefined;
}
