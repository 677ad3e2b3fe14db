// Names of files as people see them, in downloads and inside archives: nothing that any file system refuses or misreads.
const unsafe = /[\p{Cc}\p{Bidi_Control}"*/:<>?\\|]/gu;
const reserved = /^(con|prn|aux|nul|com\d|lpt\d)$/i;

/** A name without its extension: at most 100 characters, never empty, no dots or spaces at its ends. */
export function safeFileName(given: string, otherwise: string): string {
  const name = [...given.toWellFormed().replace(unsafe, ' ')]
    .slice(0, 100)
    .join('')
    .replace(/^[. ]+|[. ]+$/g, '')
    .replace(/ {2,}/g, ' ');
  return name && !reserved.test(name) ? name : otherwise;
}
