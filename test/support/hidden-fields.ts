/** The hidden fields of a page's forms, by name. */
export function hiddenFields(html: string): Record<string, string> {
  const fields: Record<string, string> = {};
  for (const [, name, value] of html.matchAll(/<input type="hidden" name="([^"]*)" value="([^"]*)"/g)) {
    fields[name as string] = (value as string)
      .replace(/&#(\d+);/g, (_, code) => String.fromCharCode(code))
      .replaceAll('&quot;', '"')
      .replaceAll('&amp;', '&');
  }
  return fields;
}
