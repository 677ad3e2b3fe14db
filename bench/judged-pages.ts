// Pages and queries made by a seeded generator, so that which pages answer a query, and how well, is known by construction. A
// query is about a word that no other query has, which is written into some pages that its person may read, more or less often,
// and into pages of others.
import { createHash } from 'node:crypto';
import { createRandom } from '../test/support/random.ts';

interface JudgedPage {
  id: string;
  projectId: string;
  ownerId: string;
  text: string;
}

type QueryKind = 'word' | 'words' | 'phrase' | 'beginning' | 'number' | 'typing error' | 'other form';

export interface JudgedQuery {
  kind: QueryKind;
  q: string;
  personId: string;
  /** How well each page answers it, 3 to 1, of those that the person may read. */
  grades: Map<string, number>;
  /** Pages that answer it as well, and that the person may not read. */
  forbidden: Set<string>;
}

export interface JudgedSet {
  pages: JudgedPage[];
  queries: JudgedQuery[];
  /** What others share with a person. */
  sharedWith: Map<string, { projectId: string; ownerId: string }[]>;
}

const pagesInProject = 50;
const ownerCount = 40;
const sharedProjects = 3;
const wordsOnPage = 110;
const counts: Record<QueryKind, number> = {
  word: 60,
  words: 30,
  phrase: 20,
  beginning: 20,
  number: 10,
  'typing error': 30,
  'other form': 30,
};

export function makeJudgedSet(pageCount: number, seed = 1): JudgedSet {
  const random = createRandom(seed);
  const pick = <T>(from: readonly T[]) => from[Math.floor(random() * from.length)] as T;
  const vocabulary = Array.from({ length: 5000 }, () => makeWord(pick, 2 + Math.floor(random() * 2)));
  /** Common words come often, as in every language. */
  const commonWord = () => vocabulary[Math.floor(vocabulary.length * random() ** 3)] as string;
  const taken = new Set(vocabulary);
  const freshWord = () => {
    for (;;) {
      const word = makeWord(pick, 4);
      if (taken.has(word)) continue;
      taken.add(word);
      return word;
    }
  };

  const lines = new Map<string, string[]>();
  const pages = Array.from({ length: pageCount }, (_, at): JudgedPage => {
    const project = Math.floor(at / pagesInProject);
    const id = makeUlid(at, 'page', seed);
    lines.set(
      id,
      Array.from({ length: wordsOnPage / 10 }, () => Array.from({ length: 10 }, commonWord).join(' ')),
    );
    return {
      id,
      projectId: makeUlid(project, 'project', seed),
      ownerId: `owner-${project % ownerCount}`,
      text: '',
    };
  });
  const byOwner = Map.groupBy(pages, ({ ownerId }) => ownerId);
  const owners = [...byOwner.keys()];
  const sharedWith = new Map(
    owners.map((ownerId, at) => {
      const other = owners[(at + 7) % owners.length] as string;
      const projectIds = [...new Set((byOwner.get(other) ?? []).map(({ projectId }) => projectId))];
      return [
        ownerId,
        projectIds.slice(0, sharedProjects).map((projectId) => ({ projectId, ownerId: other })),
      ];
    }),
  );

  /** Writes something into a page: a line of its own so often. */
  const write = (page: JudgedPage, parts: string[]) => {
    const own = lines.get(page.id) as string[];
    for (const part of parts) own[Math.floor(random() * own.length)] += ` ${part}`;
  };

  const queries: JudgedQuery[] = [];
  for (const [kind, count] of Object.entries(counts) as [QueryKind, number][]) {
    for (let nth = 0; nth < count; nth += 1) {
      const personId = pick(owners);
      const shared = new Set(sharedWith.get(personId)?.map(({ projectId }) => projectId));
      const isReadable = ({ ownerId, projectId }: JudgedPage) =>
        ownerId === personId || shared.has(projectId);
      const own = byOwner.get(personId) as JudgedPage[];
      const fromShared = pages.filter(({ projectId }) => shared.has(projectId));
      const readable = [
        ...new Set([
          ...Array.from({ length: 9 }, () => pick(own)),
          ...Array.from({ length: 3 }, () => pick(fromShared)),
        ]),
      ];
      const others = new Set<JudgedPage>();
      while (others.size < 25) {
        const page = pick(pages);
        if (!isReadable(page)) others.add(page);
      }
      const { q, at } = makeQuery(kind, { freshWord, commonWord, random });
      const grades = new Map(readable.map((page, rank) => [page.id, rank < 2 ? 3 : rank < 6 ? 2 : 1]));
      for (const page of readable) write(page, at(grades.get(page.id) as number));
      for (const page of others) write(page, at(1 + Math.floor(random() * 3)));
      queries.push({ kind, q, personId, grades, forbidden: new Set([...others].map(({ id }) => id)) });
    }
  }
  for (const page of pages) page.text = (lines.get(page.id) as string[]).join('\n');
  return { pages, queries, sharedWith };
}

interface Words {
  freshWord: () => string;
  commonWord: () => string;
  random: () => number;
}

/** A query, and what is written into a page that answers it this well. */
function makeQuery(
  kind: QueryKind,
  { freshWord, commonWord, random }: Words,
): { q: string; at: (grade: number) => string[] } {
  const word = freshWord();
  /** A page is about a word that is in it often. */
  const often = (part: string) => (grade: number) =>
    Array.from({ length: [1, 1, 3, 6][grade] as number }, () => part);
  if (kind === 'word') return { q: word, at: often(word) };
  if (kind === 'beginning') return { q: word.slice(0, -2), at: often(word) };
  if (kind === 'other form') return { q: `${word}ed`, at: often(`${word}ing`) };
  if (kind === 'typing error')
    return { q: exchange(word, 2 + Math.floor(random() * (word.length - 4))), at: often(word) };
  if (kind === 'number') {
    const number = `${Math.floor(1e7 + random() * 9e7)}`;
    return { q: number, at: often(`${number.slice(0, 4)}-${number.slice(4)}`) };
  }
  const [second, between] = [freshWord(), commonWord()];
  if (kind === 'phrase') return { q: `"${word} ${second}"`, at: often(`${word} ${second}`) };
  // the best pages have the words beside each other
  return {
    q: `${word} ${second}`,
    at: (grade) =>
      grade === 1
        ? [word, second]
        : often(grade === 3 ? `${word} ${second}` : `${word} ${between} ${second}`)(grade),
  };
}

/** Two neighbouring letters the other way round. */
function exchange(word: string, at: number): string {
  const place = word[at] === word[at + 1] ? at - 1 : at;
  return word.slice(0, place) + word[place + 1] + word[place] + word.slice(place + 2);
}

const consonants = [...'bcdfghjklmnprstvz'];
const vowels = [...'aeiou'];

/** Pronounceable, and of letters alone. */
function makeWord(pick: <T>(from: readonly T[]) => T, syllables: number): string {
  return Array.from({ length: syllables }, () => pick(consonants) + pick(vowels)).join('') + pick(consonants);
}

/** A ULID that is the same in every run; later pages have later ones. */
function makeUlid(at: number, what: string, seed: number): string {
  const alphabet = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
  const time = (1_700_000_000_000 + at * 1000).toString(32).toUpperCase().padStart(10, '0');
  const letters = [...time].map((digit) => alphabet[Number.parseInt(digit, 32)] ?? '0');
  const rest = createHash('sha256').update(`${seed} ${what} ${at}`).digest();
  return letters.join('') + [...rest.subarray(0, 16)].map((byte) => alphabet[byte % 32]).join('');
}
