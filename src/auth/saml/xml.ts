// Reads SAML messages by namespace and local name, with the parsers that node-saml itself uses, so that all see one tree.
import { parseDomFromString, parseXml2JsFromString } from '@node-saml/node-saml/lib/xml.js';

const namespaces = {
  protocol: 'urn:oasis:names:tc:SAML:2.0:protocol',
  assertion: 'urn:oasis:names:tc:SAML:2.0:assertion',
  signature: 'http://www.w3.org/2000/09/xmldsig#',
  encryption: 'http://www.w3.org/2001/04/xmlenc#',
  metadata: 'urn:oasis:names:tc:SAML:2.0:metadata',
};

type Namespace = keyof typeof namespaces;

/** Parses one document with one root and nothing but white space, comments and the XML declaration around it. Throws on others. */
export async function parseXml(xml: string): Promise<Element> {
  await parseXml2JsFromString(xml); // well-formed: the other parser overlooks end tags of another name
  const document = await parseDomFromString(xml);
  const root = document.documentElement;
  for (const node of Array.from(document.childNodes)) {
    const isDeclaration = node.nodeType === node.PROCESSING_INSTRUCTION_NODE && node.nodeName === 'xml';
    const isBlank = node.nodeType === node.TEXT_NODE && node.nodeValue?.trim() === '';
    if (node !== root && !isDeclaration && !isBlank && node.nodeType !== node.COMMENT_NODE)
      throw new Error(`more than one root node: ${node.nodeName}`);
  }
  return root;
}

export function isNamed(element: Element, namespace: Namespace, name: string): boolean {
  return element.namespaceURI === namespaces[namespace] && element.localName === name;
}

/** The child elements, all or those of a name. */
export function childrenOf(element: Element | undefined, namespace?: Namespace, name?: string): Element[] {
  const elements = Array.from(element?.childNodes ?? []).filter(isElement);
  return namespace && name ? elements.filter((child) => isNamed(child, namespace, name)) : elements;
}

/** The child of that name, if there is exactly one. */
export function onlyChild(element: Element | undefined, namespace: Namespace, name: string) {
  const [child, ...others] = childrenOf(element, namespace, name);
  return others.length === 0 ? child : undefined;
}

/** The element itself and everything below it, in no order. Not recursive: a hostile document may be very deep. */
export function everythingIn(element: Element): Element[] {
  const found = [element];
  for (let next = 0; next < found.length; next++) found.push(...childrenOf(found[next]));
  return found;
}

/** The whole text: comments inside do not shorten it. */
export function textOf(element: Element | undefined): string {
  return element?.textContent ?? '';
}

/** An attribute's value; undefined when it is missing. */
export function attributeOf(element: Element | undefined, name: string): string | undefined {
  return element?.hasAttribute(name) ? (element.getAttribute(name) ?? undefined) : undefined;
}

/** A moment of xs:dateTime in UTC (saml-core 1.3.3), in milliseconds; undefined when it is missing, NaN when it is none. */
export function momentOf(element: Element | undefined, name: string): number | undefined {
  const text = attributeOf(element, name);
  if (text === undefined) return undefined;
  return /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?(Z|[+-]\d\d:\d\d)$/.test(text)
    ? Date.parse(text)
    : Number.NaN;
}

function isElement(node: Node): node is Element {
  return node.nodeType === node.ELEMENT_NODE;
}
