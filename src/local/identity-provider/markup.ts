const references: Record<string, string> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
  // An XML parser would turn them into other white space.
  '\r': '&#13;',
  '\n': '&#10;',
  '\t': '&#9;',
};

/** Text as it may stand in an element or a quoted attribute, of XML and of HTML. */
export function escapeMarkup(text: string): string {
  return text.replace(/[&<>"'\r\n\t]/g, (character) => references[character] as string);
}
