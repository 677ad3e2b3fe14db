const references: Record<string, string> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
  // an XML parser would turn them into other white space
  '\r': '&#13;',
  '\n': '&#10;',
  '\t': '&#9;',
};

/** Escapes text for elements and quoted attributes of XML and HTML. */
export function escapeMarkup(text: string): string {
  return text.replace(/[&<>"'\r\n\t]/g, (character) => references[character] as string);
}
