// The origin of a document and its images while they are rendered. The name ends in `.invalid`, which never resolves
// (RFC 6761). The renderer answers these URLs itself and refuses every other (docs/decisions/0006).

const origin = 'https://paperlift.invalid';

export const documentUrl = `${origin}/`;

/** The URL of the document's image, counted from 0. */
export function imageUrl(index: number): string {
  return `${origin}/images/${index}`;
}

/** The image that a URL names; `undefined` for any other URL. */
export function imageIndexOf(url: string): number | undefined {
  const match = /^https:\/\/paperlift\.invalid\/images\/(\d{1,6})$/.exec(url);
  return match ? Number(match[1]) : undefined;
}

/**
 * Sent as a header, so that it also holds for unescaped content. The sandbox gives the document an opaque origin and
 * disables scripts, forms, popups and navigation of other frames. Fonts are the text layer's own, inlined.
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
