/** Names are for display only: control and direction characters go, and so does any path. */
export function cleanFileName(given: string): string {
  const name =
    given
      .toWellFormed()
      .replace(/[\p{Cc}\p{Bidi_Control}]/gu, '')
      .split(/[/\\]/)
      .at(-1)
      ?.trim() ?? '';
  return [...name].slice(0, 200).join('') || 'image';
}
