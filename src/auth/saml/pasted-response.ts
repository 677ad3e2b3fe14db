// What an administrator pastes into sign-in diagnostics: a response as XML, as base64, or as the form's body.

/** XML, or one long base64 word that contains XML, with or without the form field's name before it. */
export function looksLikeResponse(pasted: string): boolean {
  const text = pasted.trim();
  if (text.startsWith('<') || /^SAMLResponse=/.test(text)) return true;
  const start = text.replace(/\s+/g, '').slice(0, 80);
  return (
    start.length >= 20 && /^[\w+/=%-]+$/.test(start) && /^\s*</.test(Buffer.from(start, 'base64').toString())
  );
}

/** The base64 that the form would contain. */
export function asPosted(pasted: string): string {
  const text = pasted.trim();
  if (text.startsWith('<')) return Buffer.from(text).toString('base64');
  const [, value] = /^SAMLResponse=([^&]*)/.exec(text) ?? [];
  return value === undefined ? text : (new URLSearchParams(`v=${value}`).get('v') ?? '');
}
