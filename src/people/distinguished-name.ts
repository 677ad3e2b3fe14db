// LDAP distinguished names in string form (RFC 4514), compared as a directory does.
import { shortNames } from './attribute-types.ts';

const type = /\s*([A-Za-z][A-Za-z0-9-]*|(?:OID\.)?\d+(?:\.\d+)+)\s*=\s*/iy;
// the parts of a value: an escaped character, escaped UTF-8 bytes, unescaped text
const part = /\\([ "#+,;<=>\\])|((?:\\[0-9a-f]{2})+)|([^"+,;<>\\\0]+)/iy;

/**
 * Equal names have equal keys: types and values ignore case (caseIgnoreMatch, RFC 4517 4.2.11), escapes are resolved,
 * spaces around separators removed, the parts of an RDN sorted. `undefined` when the text is not a DN.
 */
export function keyOfDistinguishedName(text: string): string | undefined {
  const rdns: string[][] = [[]];
  let position = 0;
  const next = (pattern: RegExp) => {
    pattern.lastIndex = position;
    const match = pattern.exec(text);
    if (match) position = pattern.lastIndex;
    return match;
  };
  while (true) {
    const name = next(type)?.[1];
    if (!name) return undefined;
    const value = readValue(next);
    if (!value) return undefined;
    const known = name.toLowerCase().replace(/^oid\./, '');
    rdns.at(-1)?.push(`${shortNames[known] ?? known}=${JSON.stringify(value)}`);
    if (position === text.length) return rdns.map((parts) => parts.sort().join('+')).join(',');
    const separator = text[position++];
    if (separator === ',') rdns.push([]);
    else if (separator !== '+') return undefined;
  }
}

function readValue(next: (pattern: RegExp) => RegExpExecArray | null): string {
  let value = '';
  let isLastEscaped = false;
  for (let match = next(part); match; match = next(part)) {
    const [, character, bytes, plain] = match;
    isLastEscaped = plain === undefined;
    value += character ?? plain ?? Buffer.from(bytes?.replaceAll('\\', '') ?? '', 'hex').toString('utf8');
  }
  const trimmed = isLastEscaped ? value : value.trimEnd();
  return trimmed.normalize('NFKC').toLowerCase().replace(/\s+/g, ' ');
}
