import { PaperliftError } from '../errors.ts';
import { hasVisibleText } from '../text/visible-text.ts';

/** File names are for display only. Removes control and direction characters and any path. */
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

/** Cleans a file name. Throws `file-name-invisible` for a name without visible characters. */
export function readFileName(given: string): string {
  const name = given.toWellFormed().split(/[/\\]/).at(-1) ?? '';
  if (name.trim() === '' || hasVisibleText(name)) return cleanFileName(given);
  throw new PaperliftError('invalid', {
    code: 'file-name-invisible',
    message: 'The file’s name consists of invisible characters.',
    hint: 'Rename the file, then upload it again.',
  });
}
