// The filters that directories send: an attribute that equals a text, and a group that has a member (RFC 7644 3.4.2.2).
import { ScimError } from './scim-error.ts';

export interface Filter {
  /** In lower case. */
  attribute: string;
  value: string;
}

const limit = 500;
const comparison = /^([\w.:-]+(?:\[type eq "\w+"\](?:\.value)?)?)\s+eq\s+("(?:[^"\\]|\\.)*")$/i;
const schema = /^urn:ietf:params:scim:schemas:core:2\.0:(?:user|group):/i;

/** One comparison, or two with `and`. Throws `invalidFilter`. */
export function readFilter(text: string): Filter[] {
  if (text.length > limit) throw refuse();
  return splitAtAnd(text.trim()).map((part) => {
    const [, attribute = '', quoted = ''] = comparison.exec(part.trim()) ?? [];
    if (!attribute) throw refuse();
    return { attribute: attribute.replace(schema, '').toLowerCase(), value: parse(quoted) };
  });
}

/** `and` outside of quotes. */
function splitAtAnd(text: string): string[] {
  const parts = text.split(/\s+and\s+(?=(?:[^"]*"[^"]*")*[^"]*$)/i);
  if (parts.length > 2) throw refuse();
  return parts;
}

function parse(quoted: string): string {
  try {
    return String(JSON.parse(quoted));
  } catch {
    throw refuse();
  }
}

const refuse = () =>
  new ScimError(
    400,
    'This filter is not supported. Use userName, externalId, emails.value, displayName or id with eq.',
    'invalidFilter',
  );
