// SAML responses that tests build with the identity provider's real key: valid and forged ones.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { inflateRawSync } from 'node:zlib';
import { DOMParser, XMLSerializer } from '@xmldom/xmldom';
import request from 'supertest';
import {
  buildResponse,
  claimResponse,
  type ResponseClaims,
  type SignOptions,
  signResponse,
} from '../../src/local/identity-provider/saml-response.ts';
import type { Paperlift } from './paperlift.ts';

export type Agent = ReturnType<typeof request.agent>;

/** The provider's key and certificate, PEM. */
export function keyOfProvider({ standIns }: Paperlift) {
  const certificateFile = standIns.env.SAML_IDP_CERTIFICATE_FILE as string;
  return {
    privateKey: readFileSync(path.join(path.dirname(certificateFile), 'key.pem'), 'utf8'),
    certificate: readFileSync(certificateFile, 'utf8'),
  };
}

/** A browser with a sign-in under way, and the id of its request. */
export async function beginSignIn(paperlift: Paperlift, login = '/auth/login') {
  const agent = request.agent(paperlift.url);
  const answer = await agent.get(login);
  const address = new URL(answer.headers.location as string);
  const xml = inflateRawSync(Buffer.from(address.searchParams.get('SAMLRequest') ?? '', 'base64')).toString();
  return { agent, requestId: /\sID="([^"]+)"/.exec(xml)?.[1] as string, address };
}

export interface AnswerOptions {
  person?: string;
  claims?: Partial<ResponseClaims>;
  /** Edits the XML before anything is signed. */
  edit?: (xml: string) => string;
  sign?: Partial<SignOptions>;
}

/** The provider's answer as XML. */
export function answerTo(paperlift: Paperlift, requestId: string, options: AnswerOptions = {}): string {
  const { standIns, config } = paperlift;
  const person = standIns.people.find(({ email }) => email === (options.person ?? 'alice@example.com'));
  assert.ok(person);
  const claims = claimResponse({
    inResponseTo: requestId,
    destination: config.saml.acsUrl,
    issuer: standIns.env.SAML_IDP_ISSUER as string,
    audience: config.saml.spEntityId,
    nameId: person.nameId,
    attributes: { email: [person.email], name: [person.name], groups: person.providerGroups },
    ...options.claims,
  });
  const xml = buildResponse(claims);
  const edited = options.edit?.(xml) ?? xml;
  if (options.edit) assert.notEqual(edited, xml, 'the edit changes something');
  return signResponse({ xml: edited, ...keyOfProvider(paperlift), ...options.sign });
}

export const encode = (xml: string) => Buffer.from(xml).toString('base64');

export function postXml(agent: Pick<Agent, 'post'>, xml: string, relayState = '/') {
  return agent
    .post('/auth/saml/acs')
    .type('form')
    .send({ SAMLResponse: encode(xml), RelayState: relayState });
}

/** The reason that the operator's log gives for the refusal of that answer. */
export function reasonOf(paperlift: Paperlift, answer: request.Response) {
  const entry = paperlift.logs
    .entries()
    .filter(({ msg }) => msg === 'sign-in refused')
    .find(({ requestId }) => requestId === answer.headers['x-request-id']);
  return entry?.reason as string | undefined;
}

export const isSignedIn = async (agent: Agent) => (await agent.get('/')).status === 200;

/** Refused for that reason, with the neutral page, and no one is signed in. */
export async function assertRefused(
  paperlift: Paperlift,
  agent: Agent,
  answer: request.Response,
  reason: string,
  name = reason,
) {
  assert.equal(reasonOf(paperlift, answer), reason, name);
  assert.ok(answer.status >= 400 && answer.status < 500, `${name}: ${answer.status}`);
  assert.match(answer.text, /Sign-in failed/, name);
  assert.ok(!answer.text.includes(reason), `${name}: the page does not tell the reason`);
  assert.equal(answer.headers['set-cookie'], undefined, name);
  assert.equal(await isSignedIn(agent), false, name);
}

type Edit = (document: Document) => void;

/** Edits XML as a tree. */
export function editXml(xml: string, edit: Edit): string {
  const document = new DOMParser().parseFromString(xml, 'text/xml');
  edit(document);
  return new XMLSerializer().serializeToString(document);
}

const named = (parent: Document | Element, name: string) =>
  Array.from(parent.getElementsByTagNameNS('*', name)) as [Element, ...Element[]];

const childNamed = (parent: Element, name: string) =>
  Array.from(parent.childNodes).find((node) => (node as Element).localName === name) as Element;

/** The element says that it is about carol. */
function forge(element: Element) {
  for (const id of named(element, 'NameID')) id.textContent = '_forged';
  for (const value of named(element, 'AttributeValue')) {
    if (value.textContent?.includes('@')) value.textContent = 'carol@example.com';
    if (value.textContent === 'Paperlift Users') value.textContent = 'Paperlift Admins';
  }
}

function copyOf(element: Element) {
  return element.cloneNode(true) as Element;
}

function withoutSignature(element: Element) {
  const signature = childNamed(element, 'Signature');
  if (signature) element.removeChild(signature);
  return element;
}

/** The eight rearrangements of "On Breaking SAML: Be Whoever You Want to Be" (Somorovsky et al., 2012). */
export const wrappings: Record<string, Edit> = {
  XSW1(document) {
    const root = document.documentElement;
    const original = withoutSignature(copyOf(root));
    forge(root);
    root.setAttribute('ID', '_wrapped');
    childNamed(root, 'Signature').appendChild(original);
  },
  XSW2(document) {
    const root = document.documentElement;
    const original = withoutSignature(copyOf(root));
    forge(root);
    root.setAttribute('ID', '_wrapped');
    root.insertBefore(original, childNamed(root, 'Signature'));
  },
  XSW3(document) {
    const root = document.documentElement;
    const original = childNamed(root, 'Assertion');
    root.insertBefore(forgedCopyOf(original), original);
  },
  XSW4(document) {
    const root = document.documentElement;
    const original = childNamed(root, 'Assertion');
    const forged = forgedCopyOf(original);
    root.appendChild(forged);
    forged.appendChild(original);
  },
  XSW5(document) {
    const root = document.documentElement;
    const original = childNamed(root, 'Assertion');
    const copy = withoutSignature(copyOf(original));
    forge(original);
    original.setAttribute('ID', '_wrapped');
    root.appendChild(copy);
  },
  XSW6(document) {
    const original = childNamed(document.documentElement, 'Assertion');
    const copy = withoutSignature(copyOf(original));
    forge(original);
    original.setAttribute('ID', '_wrapped');
    childNamed(original, 'Signature').appendChild(copy);
  },
  XSW7(document) {
    const root = document.documentElement;
    const original = childNamed(root, 'Assertion');
    const extensions = document.createElementNS('urn:oasis:names:tc:SAML:2.0:protocol', 'samlp:Extensions');
    const forged = copyOf(original);
    forge(forged);
    extensions.appendChild(forged);
    root.insertBefore(extensions, original);
  },
  XSW8(document) {
    const original = childNamed(document.documentElement, 'Assertion');
    const copy = withoutSignature(copyOf(original));
    forge(original);
    const object = document.createElementNS('http://www.w3.org/2000/09/xmldsig#', 'ds:Object');
    object.appendChild(copy);
    childNamed(original, 'Signature').appendChild(object);
  },
};

function forgedCopyOf(assertion: Element): Element {
  const forged = withoutSignature(copyOf(assertion));
  forge(forged);
  forged.setAttribute('ID', '_wrapped');
  return forged;
}
