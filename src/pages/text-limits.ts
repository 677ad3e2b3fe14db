// How much of a page's text its items hold.
/** An item holds 400 KB; a page's text may take this much of its own. The whole of it is always in the detection. */
const textLimitBytes = 300_000;
const previewLength = 160;

/** DynamoDB rejects a string with half a surrogate pair. */
export function previewOf(text: string): string {
  return text.slice(0, previewLength).replace(/[\uD800-\uDBFF]$/, '');
}

export function cutToBytes(text: string): string {
  const bytes = Buffer.from(text);
  if (bytes.length <= textLimitBytes) return text;
  return bytes
    .subarray(0, textLimitBytes)
    .toString('utf8')
    .replace(/\uFFFD+$/, '');
}
