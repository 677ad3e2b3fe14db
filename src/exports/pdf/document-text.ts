// Makes untrusted text safe for an HTML document.

// what XML 1.0 and HTML cannot represent (controls other than white space, noncharacters, lone surrogates)
const unprintable = /[\p{Cc}\p{Cs}\p{Noncharacter_Code_Point}]/gu;

/** The text without characters that no document can hold. Line breaks and tabs become spaces. */
export function printableText(text: string): string {
  return text.replace(/[\t\n\v\f\r\u0085\u2028\u2029]+/gu, ' ').replace(unprintable, '');
}

const entities: Record<string, string> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** Printable text, escaped for HTML elements and quoted attributes. */
export function escapeHtml(text: string): string {
  return printableText(text).replace(/[&<>"']/g, (character) => entities[character] ?? '');
}

/** A language tag as BCP 47 writes it, or `und` (undetermined) for anything else. */
export function languageTag(language: string): string {
  return /^[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8}){0,8}$/.test(language) ? language : 'und';
}

/** For an element in another language than the document's. */
export function languageAttribute(language: string | undefined, documentLanguage: string): string {
  return language === undefined || language === documentLanguage ? '' : ` lang="${languageTag(language)}"`;
}
