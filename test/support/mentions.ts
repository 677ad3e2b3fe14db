/**
 * Whether a text holds this name. Letters inside a token, an id or a nonce are no name: three given letters stand in one
 * of a few hundred pages by chance.
 */
export function mentions(text: string, name: string): boolean {
  return /^\w+$/.test(name) ? new RegExp(`(?<![\\w-])${name}(?![\\w-])`).test(text) : text.includes(name);
}
