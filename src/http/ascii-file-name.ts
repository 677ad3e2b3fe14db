/** Letters that do not decompose into an ASCII letter and marks. */
const spelled: Record<string, string> = {
  ä: 'ae',
  ö: 'oe',
  ü: 'ue',
  ß: 'ss',
  æ: 'ae',
  œ: 'oe',
  ø: 'o',
  å: 'a',
  ł: 'l',
  đ: 'd',
  ð: 'd',
  þ: 'th',
  ħ: 'h',
  ı: 'i',
  ŋ: 'n',
  ŧ: 't',
  '€': 'EUR',
  '£': 'GBP',
  '–': '-',
  '—': '-',
  '‘': "'",
  '’': "'",
  '“': "'",
  '”': "'",
  '„': "'",
  '…': '...',
};

/**
 * The name in ASCII: umlauts and ligatures spelled out, accents removed, other scripts removed with the spaces and
 * signs between them. If nothing remains: `document`, with its extension.
 */
export function asciiFileName(fileName: string): string {
  const at = fileName.indexOf('.', 1);
  const [name, extension] = at < 0 ? [fileName, ''] : [fileName.slice(0, at), fileName.slice(at)];
  const ascii = toAscii(name)
    .replace(/ {2,}/g, ' ')
    .replace(/^[^A-Za-z0-9(]+|[^A-Za-z0-9)]+$/g, '');
  return `${/[A-Za-z0-9]/.test(ascii) ? ascii : 'document'}${toAscii(extension)}`;
}

function toAscii(text: string): string {
  return [...text.normalize('NFC')]
    .map((character) => spell(character) ?? character.normalize('NFKD').replace(/[^\x20-\x7e]/g, ''))
    .join('');
}

/** A capital letter becomes one capital: `Ü` is `Ue`. */
function spell(character: string): string | undefined {
  const lower = spelled[character];
  if (lower !== undefined) return lower;
  const spelling = spelled[character.toLowerCase()];
  return spelling && spelling.charAt(0).toUpperCase() + spelling.slice(1);
}
