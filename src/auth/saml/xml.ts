// Reads SAML messages by namespace and local name, with node-saml's own parsers, so that both see the same tree.
import { parseDomFromString, parseXml2JsFromString } from '@node-saml/node-saml/lib/xml.js';

const namespaces = {
  protocol: 'urn:oasis:names:tc:SAML:2.0:protocol',
  assertion: 'urn:oasis:names:tc:SAML:2.0:assertion',
  signature: 'http://www.w3.org/2000/09/xmldsig#',
  encryption: 'http://www.w3.org/2001/04/xmlenc#',
  metadata: 'urn:oasis:names:tc:SAML:2.0:metadata',
};

type Namespace = keyof typeof namespaces;

/**
 * Parses one document with a single root and only white space, comments and the XML declaration around it. Throws on
 * anything else.
 */
export async function parseXml(xml: string): Promise<Element> {
  await parseXml2JsFromString(xml); // checks well-formedness: the other parser ignores mismatched end tags
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

/** All child elements, or those of a name. */
export function childrenOf(element: Element | undefined, namespace?: Namespace, name?: string): Element[] {
  const elements = Array.from(element?.childNodes ?? []).filter(isElement);
  return namespace && name ? elements.filter((child) => isNamed(child, namespace, name)) : elements;
}

/** The child of that name, if there is exactly one. */
export function onlyChild(element: Element | undefined, namespace: Namespace, name: string) {
  const [child, ...others] = childrenOf(element, namespace, name);
  return others.length === 0 ? child : undefined;
}

/** The element and all its descendants, in no order. Not recursive, because a hostile document may be very deep. */
export function everythingIn(element: Element): Element[] {
  const found = [element];
  for (let next = 0; next < found.length; next++) found.push(...childrenOf(found[next]));
  return found;
}

/** The whole text, including what follows a comment. */
export function textOf(element: Element | undefined): string {
  return element?.textContent ?? '';
}

/** An attribute's value; `undefined` when it is missing. */
export function attributeOf(element: Element | undefined, name: string): string | undefined {
  return element?.hasAttribute(name) ? (element.getAttribute(name) ?? undefined) : undefined;
}

/** An xs:dateTime in UTC (saml-core 1.3.3) in milliseconds; `undefined` when missing, NaN when invalid. */
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
