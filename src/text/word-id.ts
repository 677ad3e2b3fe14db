/** The id of a detected word: `l3.2` is the second word of line `l3`, at place 1. */
export function wordIdOf(lineId: string, place: number): string {
  return `${lineId}.${place + 1}`;
}

export function readWordId(wordId: string): { lineId: string; place: number } {
  const at = wordId.lastIndexOf('.');
  return { lineId: wordId.slice(0, Math.max(at, 0)), place: Number(wordId.slice(at + 1)) - 1 };
}
