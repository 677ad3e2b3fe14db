// The rules for a response before its signature is verified: see rule.ts.
import type { Message } from './message.ts';
import type { Rule } from './rule.ts';
import { algorithmsOf, allowedAlgorithms, holdsContent } from './signature-content.ts';
import { attributeOf, childrenOf, everythingIn, isNamed, onlyChild, textOf } from './xml.ts';

const success = 'urn:oasis:names:tc:SAML:2.0:status:Success';

/** Rules on the message itself, whoever sent it. */
export const messageRules: Rule<Message>[] = [
  {
    code: 'not-a-response',
    clause: 'profiles 4.1.4.2, core 3.3.3',
    must: 'The message is a Response',
    broken: ({ response }) => !isNamed(response, 'protocol', 'Response') && response.nodeName,
  },
  {
    code: 'assertion-not-alone',
    clause: 'profiles 4.1.4.3 (processes any of them; Paperlift takes only one)',
    must: 'There is exactly one Assertion, a direct child of the Response',
    broken: ({ response, assertions }) =>
      assertions.length > 1
        ? `${assertions.length} assertions`
        : assertions.some((assertion) => assertion.parentNode !== response) && 'not in the Response',
  },
  {
    code: 'version-wrong',
    clause: 'core 3.2.2, 2.3.3',
    must: 'Response and Assertion have version 2.0',
    broken: ({ response, assertion }) =>
      attributeOf(response, 'Version') !== '2.0' ||
      (assertion !== undefined && attributeOf(assertion, 'Version') !== '2.0'),
  },
  {
    code: 'status-not-success',
    clause: 'core 3.2.2.1, 3.2.2.2',
    must: 'There is exactly one Status with exactly one StatusCode, and it is Success',
    broken: ({ response }) => {
      const codes = everythingIn(response).filter(({ localName }) => localName === 'StatusCode');
      const code = onlyChild(onlyChild(response, 'protocol', 'Status'), 'protocol', 'StatusCode');
      if (codes.length === 1 && attributeOf(code, 'Value') === success) return false;
      const message = textOf(
        onlyChild(onlyChild(response, 'protocol', 'Status'), 'protocol', 'StatusMessage'),
      );
      return [...codes.map((found) => attributeOf(found, 'Value') ?? 'no value'), message].join(' ').trim();
    },
  },
  {
    code: 'assertion-missing',
    clause: 'profiles 4.1.4.2',
    must: 'The Response contains an Assertion',
    broken: ({ assertions }) => assertions.length === 0,
  },
  {
    code: 'id-repeated',
    clause: 'core 1.3.4',
    must: 'Every ID is present and unique',
    broken: ({ ids, response, assertion }) => {
      const twice = ids.find((id, index) => ids.indexOf(id) !== index);
      if (twice !== undefined) return twice;
      return [response, assertion].some((element) => element && !attributeOf(element, 'ID')) && 'no ID';
    },
  },
  {
    code: 'element-unexpected',
    clause: 'core 3.2.2, 3.3.3',
    must: 'The Response contains only elements of its schema, each at most once',
    broken: ({ response }) => {
      const names = childrenOf(response).map((child) =>
        isNamed(child, 'assertion', 'Issuer') ||
        isNamed(child, 'signature', 'Signature') ||
        isNamed(child, 'protocol', 'Extensions') ||
        isNamed(child, 'protocol', 'Status') ||
        isNamed(child, 'assertion', 'Assertion') ||
        isNamed(child, 'assertion', 'EncryptedAssertion')
          ? child.localName
          : `!${child.nodeName}`,
      );
      const isRepeated = (name: string, index: number) =>
        name !== 'Signature' && names.indexOf(name) !== index;
      return names.find((name, index) => name.startsWith('!') || isRepeated(name, index));
    },
  },
  {
    code: 'signature-misplaced',
    clause: 'core 5.4.1, 5.4.2',
    must: 'Every Signature is a direct child of the element it signs',
    broken: ({ response, assertion, signatures }) =>
      signatures.some(({ parentNode }) => parentNode !== response && parentNode !== assertion),
  },
  {
    code: 'signature-repeated',
    clause: 'core 3.2.2, 2.3.3',
    must: 'Response and Assertion have at most one Signature each',
    broken: ({ signatures }) =>
      new Set(signatures.map(({ parentNode }) => parentNode)).size < signatures.length,
  },
  {
    code: 'signature-holds-content',
    clause: 'core 5.4.6; xmldsig 4.5',
    must: 'No Signature contains an Object, other elements or comments',
    broken: ({ signatures }) => signatures.some(holdsContent),
  },
  {
    code: 'signature-malformed',
    clause: 'xmldsig 4.1',
    must: 'Every Signature has one SignedInfo, one SignatureValue and at most one KeyInfo',
    broken: ({ signatures }) =>
      signatures.some(
        (signature) =>
          !onlyChild(signature, 'signature', 'SignedInfo') ||
          !onlyChild(signature, 'signature', 'SignatureValue') ||
          childrenOf(signature, 'signature', 'KeyInfo').length > 1,
      ),
  },
  {
    code: 'signature-reference',
    clause: 'core 5.4.2',
    must: 'Every Signature has one Reference, to the ID of its parent element, with one digest',
    broken: ({ signatures }) =>
      signatures.some((signature) => {
        const reference = onlyChild(
          onlyChild(signature, 'signature', 'SignedInfo'),
          'signature',
          'Reference',
        );
        const signed = attributeOf(signature.parentNode as Element, 'ID');
        const isWhole =
          onlyChild(reference, 'signature', 'DigestMethod') &&
          onlyChild(reference, 'signature', 'DigestValue') &&
          onlyChild(reference, 'signature', 'Transforms');
        return !isWhole || attributeOf(reference, 'URI') !== `#${signed}`;
      }),
  },
  {
    code: 'transforms-too-many',
    clause: 'core 5.4.4',
    must: 'Every Signature has at most two transforms',
    broken: ({ signatures }) =>
      signatures.some((signature) => algorithmsOf(signature, 'Transform').length > 2),
  },
  {
    code: 'algorithm-refused',
    clause: 'core 5.4.3, 5.4.4; NIST SP 800-131A',
    must: 'Signature, digest, canonicalization and transform algorithms are allowed',
    broken: ({ signatures }) => {
      for (const signature of signatures) {
        for (const [name, allowed] of allowedAlgorithms) {
          const refused = algorithmsOf(signature, name).find((algorithm) => !allowed.has(algorithm));
          if (refused !== undefined) return `${name} ${refused}`;
        }
      }
      return false;
    },
  },
];
