// Presents the recorded details of `page.changed`.
/** Recorded details of `page.changed`, and their sentences. */
export const changes: [RegExp, string][] = [
  [/^rotated/, 'rotated {page}'],
  [/^moved to (\d+)/, 'moved {page} to position $1'],
  [/^marked as reviewed/, 'marked {page} as reviewed'],
  [/^marked as not reviewed/, 'undid the review of {page}'],
  [/^corrected/, 'corrected the text of {page}'],
  [/^accepted/, 'accepted words on {page}'],
  [/^doubted again/, 'marked words on {page} as unsure'],
  [/^undid/, 'undid a change on {page}'],
];

export function describeChange(detail: string): string {
  const [first = ''] = detail.split('; ');
  const known = changes.find(([pattern]) => pattern.test(first));
  return known ? (known[1].replace('$1', known[0].exec(first)?.[1] ?? '') as string) : 'changed {page}';
}

/** "corrected l3" as "corrected line 3"; ids of words as "line 3 word 2". */
export function describeLines(detail: string): string {
  return detail.replace(/\bl(\d+)(?:\.(\d+))?\b/g, (_, line: string, word?: string) =>
    word ? `line ${line} word ${word}` : `line ${line}`,
  );
}
