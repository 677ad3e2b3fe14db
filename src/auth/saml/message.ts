// Takes a posted response apart for the rules. Nothing in it is trusted yet.
import { SignInRefused } from './sign-in-refused.error.ts';
import { attributeOf, everythingIn, parseXml } from './xml.ts';

const limitBytes = 100 * 1024;
/** Five times the tags of a response with 150 groups. Deep nesting costs the parsers more than its length suggests. */
const limitTags = 2500;

export interface Message {
  /** The form's value, for node-saml. */
  posted: string;
  /** The root element, whatever it is. */
  response: Element;
  /** Every Assertion and EncryptedAssertion, at any place and in any namespace. */
  assertions: Element[];
  /** The only readable Assertion: as sent, or decrypted. */
  assertion: Element | undefined;
  isEncrypted: boolean;
  /** The decrypted content of the EncryptedAssertion. */
  decrypted: Element | undefined;
  /** Every Signature, at any place. */
  signatures: Element[];
  ids: string[];
}

/**
 * Reads the form of saml-bindings 3.5.4. Refuses input that is expensive to parse: a long run of `<` takes the XML
 * parser seconds. Throws SignInRefused.
 */
export async function readPostedResponse(body: unknown, query: unknown): Promise<Message> {
  if (has(query, 'SAMLResponse') || has(query, 'SAMLRequest')) throw new SignInRefused('response-in-query');
  const posted = has(body, 'SAMLResponse') ? (body as { SAMLResponse: unknown }).SAMLResponse : undefined;
  if (typeof posted !== 'string' || posted === '') throw new SignInRefused('response-missing');
  if (posted.length > limitBytes * 1.4)
    throw new SignInRefused('response-too-large', `${posted.length} characters`);
  if (!/^[A-Za-z0-9+/\s]+={0,2}\s*$/.test(posted)) throw new SignInRefused('response-not-base64');
  const bytes = Buffer.from(posted, 'base64');
  if (bytes.length > limitBytes) throw new SignInRefused('response-too-large', `${bytes.length} bytes`);
  const xml = bytes.toString('utf8');
  const tags = xml.split('<', limitTags + 2).length - 1;
  if (tags > limitTags) throw new SignInRefused('response-too-large', `more than ${limitTags} tags`);
  if (/<!(DOCTYPE|ENTITY)/i.test(xml)) throw new SignInRefused('document-type');
  if (!/^\uFEFF?\s*<[A-Za-z?]/.test(xml)) throw new SignInRefused('response-not-xml');
  const response = await parseXml(xml).catch((error: Error) => {
    throw new SignInRefused('response-not-xml', error.message.slice(0, 200), error);
  });
  return takeApart({ posted, response });
}

/** The facts that the rules check. */
export function takeApart({
  posted,
  response,
  decrypted,
}: {
  posted: string;
  response: Element;
  decrypted?: Element;
}): Message {
  const elements = [...everythingIn(response), ...(decrypted ? everythingIn(decrypted) : [])];
  const assertions = everythingIn(response).filter(({ localName }) =>
    /^(Encrypted)?Assertion$/.test(localName),
  );
  const isEncrypted = assertions.some(({ localName }) => localName === 'EncryptedAssertion');
  return {
    posted,
    response,
    assertions,
    assertion: decrypted ?? (isEncrypted ? undefined : assertions[0]),
    isEncrypted,
    decrypted,
    signatures: elements.filter(({ localName }) => localName === 'Signature'),
    ids: elements.flatMap((element) =>
      ['ID', 'Id', 'id'].flatMap((name) => attributeOf(element, name) ?? []),
    ),
  };
}

function has(object: unknown, name: string): boolean {
  return typeof object === 'object' && object !== null && Object.hasOwn(object, name);
}
