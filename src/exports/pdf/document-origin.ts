// Where a document and its images live while they are rendered. The name ends in `.invalid`, which RFC 6761 promises will
// never resolve: the renderer answers these addresses itself and refuses every other (docs/decisions/0006).

const origin = 'https://paperlift.invalid';

export const documentUrl = `${origin}/`;

/** The address of the document's image, counted from 0. */
export function imageUrl(index: number): string {
  return `${origin}/images/${index}`;
}

/** Which image an address names, or undefined for any other address. */
export function imageIndexOf(url: string): number | undefined {
  const match = /^https:\/\/paperlift\.invalid\/images\/(\d{1,6})$/.exec(url);
  return match ? Number(match[1]) : undefined;
}

/**
 * Sent as a header, so that it also holds for a document that nobody escaped. The sandbox gives the document an origin of
 * its own and takes scripts, forms, popups and navigation of other frames; fonts are the text layer's own, inlined.
 */
export const documentPolicy = [
  "default-src 'none'",
  `img-src ${origin}/images/`,
  "style-src 'unsafe-inline'",
  'font-src data:',
  "base-uri 'none'",
  "form-action 'none'",
  'sandbox',
].join('; ');
