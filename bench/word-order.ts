// Compares texts in any script, as bags of words or in their order.

export function wordsOf(text: string): string[] {
  return (
    text
      .normalize('NFC')
      .toLowerCase()
      .match(/[\p{L}\p{M}\p{N}]+/gu) ?? []
  );
}

export function lettersOf(text: string): string[] {
  return text.normalize('NFC').match(/[\p{L}\p{N}]/gu) ?? [];
}

/** The share of `truth` that is among `read`, in any order. */
export function shareFound(truth: string[], read: string[]): number {
  const left = new Map<string, number>();
  for (const word of read) left.set(word, (left.get(word) ?? 0) + 1);
  const found = truth.filter((word) => {
    const count = left.get(word) ?? 0;
    left.set(word, Math.max(0, count - 1));
    return count > 0;
  });
  return found.length / truth.length;
}

/** The share of `truth` in the longest common subsequence of both. */
export function inOrder(truth: string[], read: string[]): number {
  let lengths = new Array<number>(read.length + 1).fill(0);
  for (const word of truth) {
    const next = [0];
    for (const [i, other] of read.entries()) {
      next.push(
        word === other ? (lengths[i] as number) + 1 : Math.max(lengths[i + 1] as number, next[i] as number),
      );
    }
    lengths = next;
  }
  return (lengths.at(-1) as number) / truth.length;
}
