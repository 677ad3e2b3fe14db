// Formats numbers, sizes and names for views.

/** A status: always a word; the tone only colours it. */
export interface Pill {
  tone: 'quiet' | 'good' | 'doubt' | 'failed';
  text: string;
}

const numbers = new Intl.NumberFormat('en');

export function formatCount(count: number): string {
  return numbers.format(count);
}

/** "1 page", "1,334 pages". */
export function countOf(count: number, noun: string): string {
  return `${formatCount(count)} ${noun}${count === 1 ? '' : 's'}`;
}

/** "830 bytes", "12 KB", "4.1 MB": powers of 1024, as file managers count. */
export function formatBytes(bytes: number): string {
  if (bytes < 1024) return countOf(bytes, 'byte');
  if (bytes < 1024 ** 2) return `${Math.round(bytes / 1024)} KB`;
  const megabytes = bytes / 1024 ** 2;
  return `${megabytes < 10 ? Number(megabytes.toFixed(1)) : formatCount(Math.round(megabytes))} MB`;
}

/** A file name for use in a sentence: shortened, and without characters that change the writing direction. */
export function formatFileName(fileName: string): string {
  const letters = [...fileName.replace(/[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/g, '')];
  if (letters.length <= 44) return letters.join('');
  return `${letters.slice(0, 28).join('')}…${letters.slice(-12).join('')}`;
}
