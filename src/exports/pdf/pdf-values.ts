// Values in a PDF, as programs write them (ISO 32000-2, 7.2 and 7.3): parsed from and written as Latin-1 text.

/** Names, strings, numbers and keywords stay as they are written. */
export type PdfValue = string | PdfReference | PdfValue[] | PdfDictionary;
export type PdfDictionary = Map<string, PdfValue>;

export interface PdfReference {
  number: number;
}

/** The text is no value, or goes deeper than any program writes. */
export class PdfSyntaxError extends Error {
  override name = 'PdfSyntaxError';
}

const deepest = 60;
const token =
  /[\0\t\n\f\r ]*(?:%[^\r\n]*[\0\t\n\f\r ]*)*(<<|>>|[[\]]|<[0-9A-Fa-f\0\t\n\f\r ]*>|\(|\/[^\0\t\n\f\r ()<>[\]{}/%]*|[^\0\t\n\f\r ()<>[\]{}/%]+)/y;
const reference = /[\0\t\n\f\r ]+\d+[\0\t\n\f\r ]+R(?![^\0\t\n\f\r ()<>[\]{}/%])/y;

/** The value at a place, and where it ends. */
export function parseValue(text: string, start = 0): { value: PdfValue; end: number } {
  let at = start;

  function next(): string {
    token.lastIndex = at;
    const [, found] = token.exec(text) ?? [];
    if (found === undefined) throw new PdfSyntaxError(`No value at ${at}`);
    at = token.lastIndex;
    return found;
  }

  /** The rest of a string: parentheses within it come in pairs, or behind a backslash. */
  function readString(): string {
    const from = at - 1;
    for (let open = 1; open > 0; at += 1) {
      const character = text[at];
      if (character === undefined) throw new PdfSyntaxError('A string has no end');
      if (character === '\\') at += 1;
      else if (character === '(') open += 1;
      else if (character === ')') open -= 1;
    }
    return text.slice(from, at);
  }

  function read(found: string, depth: number): PdfValue {
    if (depth > deepest) throw new PdfSyntaxError('Values lie too deep within each other');
    if (found === '(') return readString();
    if (found === '[') {
      const items: PdfValue[] = [];
      for (let item = next(); item !== ']'; item = next()) items.push(read(item, depth + 1));
      return items;
    }
    if (found === '<<') {
      const entries: PdfDictionary = new Map();
      for (let key = next(); key !== '>>'; key = next()) {
        if (!key.startsWith('/')) throw new PdfSyntaxError(`${key} is no key`);
        entries.set(key.slice(1), read(next(), depth + 1));
      }
      return entries;
    }
    if (found === ']' || found === '>>') throw new PdfSyntaxError(`${found} ends nothing`);
    reference.lastIndex = at;
    if (/^\d+$/.test(found) && reference.test(text)) {
      at = reference.lastIndex;
      return { number: Number(found) };
    }
    return found;
  }

  const value = read(next(), 0);
  return { value, end: at };
}

export function writeValue(value: PdfValue): string {
  if (typeof value === 'string') return value;
  if (Array.isArray(value)) return `[${value.map(writeValue).join(' ')}]`;
  if (value instanceof Map)
    return `<<${[...value].map(([key, entry]) => `/${key} ${writeValue(entry)}`).join('\n')}>>`;
  return `${value.number} 0 R`;
}

export const isReference = (value: PdfValue | undefined): value is PdfReference =>
  typeof value === 'object' && 'number' in value;
