import { PaperliftError } from '../errors.ts';
import { hasVisibleText } from '../text/visible-text.ts';

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

/** The same. Throws `file-name-invisible` for a name that is there and shows nothing. */
export function readFileName(given: string): string {
  const name = given.toWellFormed().split(/[/\\]/).at(-1) ?? '';
  if (name.trim() === '' || hasVisibleText(name)) return cleanFileName(given);
  throw new PaperliftError('invalid', {
    code: 'file-name-invisible',
    message: 'The file’s name consists of invisible characters.',
    hint: 'Rename the file, then upload it again.',
  });
}
