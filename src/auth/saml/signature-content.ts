// What an XML signature is made of.
import { canonicalizations, digestMethods, signatureMethods, transforms } from './algorithms.ts';
import { attributeOf, everythingIn, isNamed, onlyChild } from './xml.ts';

export const allowedAlgorithms: [string, Set<string>][] = [
  ['CanonicalizationMethod', canonicalizations],
  ['SignatureMethod', signatureMethods],
  ['DigestMethod', digestMethods],
  ['Transform', transforms],
];

export function algorithmsOf(signature: Element, name: string): string[] {
  return everythingIn(signature)
    .filter(({ localName }) => localName === name)
    .map((element) => attributeOf(element, 'Algorithm') ?? 'none');
}

const signatureElements = new Set(
  'Signature SignedInfo CanonicalizationMethod SignatureMethod Reference Transforms Transform DigestMethod DigestValue SignatureValue'.split(
    ' ',
  ),
);

export function holdsContent(signature: Element): boolean {
  const keyInfo = onlyChild(signature, 'signature', 'KeyInfo');
  return everythingIn(signature).some((element) => {
    if (element === keyInfo || isWithin(element, keyInfo)) return element.localName === 'Object';
    const isOther =
      !isNamed(element, 'signature', element.localName) || !signatureElements.has(element.localName);
    if (isOther && element.localName !== 'InclusiveNamespaces') return true;
    return Array.from(element.childNodes).some(
      ({ nodeType }) => nodeType !== element.ELEMENT_NODE && nodeType !== element.TEXT_NODE,
    );
  });
}

function isWithin(element: Element, ancestor: Element | undefined): boolean {
  for (let node: Node | null = element; ancestor && node; node = node.parentNode) {
    if (node === ancestor) return true;
  }
  return false;
}
