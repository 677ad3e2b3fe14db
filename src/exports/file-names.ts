// File names for downloads and archives: nothing that any file system rejects or misreads.
const unsafe = /[\p{Cc}\p{Bidi_Control}"*/:<>?\\|]/gu;
const reserved = /^(con|prn|aux|nul|com\d|lpt\d)$/i;

/** A name without extension: 1 to 100 characters, no dots or spaces at either end. */
export function safeFileName(given: string, otherwise: string): string {
  const name = [...given.toWellFormed().replace(unsafe, ' ')]
    .slice(0, 100)
    .join('')
    .replace(/^[. ]+|[. ]+$/g, '')
    .replace(/ {2,}/g, ' ');
  return name && !reserved.test(name) ? name : otherwise;
}
