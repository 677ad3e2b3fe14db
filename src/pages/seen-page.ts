import type { Page } from './page.ts';

/** The condition of a change of the text: it has not changed since it was read. Two changes may come within a millisecond. */
export function seenAs({ revision, edits, textId }: Page) {
  const isSame = (name: string, value: unknown) =>
    value === undefined ? `attribute_not_exists(#${name})` : `#${name} = :seen_${name}`;
  const seen = { revision, edits, textId };
  return {
    condition: Object.entries(seen)
      .map(([name, value]) => isSame(name, value))
      .join(' AND '),
    names: Object.fromEntries(Object.keys(seen).map((name) => [`#${name}`, name])),
    values: Object.fromEntries(
      Object.entries(seen).flatMap(([name, value]) =>
        value === undefined ? [] : [[`:seen_${name}`, value]],
      ),
    ),
  };
}
