// Turns between people: every queue in which one person's work could block another's asks here who is next.
// docs/decisions/0044-turns-between-people.md

interface Limits {
  /** How many turns are held at once. */
  atOnce: number;
  /** How many of them one person may hold. */
  perPerson?: number;
}

interface Standing {
  taken: number;
  /** The number of the last turn that this person began. */
  lastTurn: number;
  waiting: (() => void)[];
}

export interface Turn {
  /** Calling it again does nothing. */
  release(): void;
}

/** All but one: one person's work, however long, leaves a place for others. */
export const allButOne = (atOnce: number) => Math.max(1, atOnce - 1);

/**
 * Grants turns. Among those who wait, the person with the fewest turns is next; on a tie, the one whose last turn is
 * longest ago. Each person's requests keep their order.
 */
export function createTurns({ atOnce, perPerson = allButOne(atOnce) }: Limits) {
  const people = new Map<string, Standing>();
  let free = atOnce;
  let begun = 0;

  const takenBy = (person: string) => people.get(person)?.taken ?? 0;
  const hasRoomFor = (person: string) => free > 0 && takenBy(person) < perPerson;

  function standingOf(person: string): Standing {
    const standing = people.get(person) ?? { taken: 0, lastTurn: 0, waiting: [] };
    people.set(person, standing);
    return standing;
  }

  /** Forgets people who neither hold a turn nor wait. */
  function forget(person: string, { taken, waiting }: Standing) {
    if (taken === 0 && waiting.length === 0) people.delete(person);
  }

  function begin(person: string): Turn {
    const standing = standingOf(person);
    free -= 1;
    begun += 1;
    standing.taken += 1;
    standing.lastTurn = begun;
    let isOver = false;
    return {
      release() {
        if (isOver) return;
        isOver = true;
        free += 1;
        standing.taken -= 1;
        forget(person, standing);
        passOn();
      },
    };
  }

  function passOn() {
    while (free > 0) {
      let next: Standing | undefined;
      for (const standing of people.values()) {
        if (standing.waiting.length === 0 || standing.taken >= perPerson) continue;
        if (!next || isBefore(standing, next)) next = standing;
      }
      if (!next) return;
      next.waiting.shift()?.();
    }
  }

  return {
    /** Waits for a turn. Rejects with the signal's reason when it aborts first. */
    async take(person: string, signal?: AbortSignal): Promise<Turn> {
      signal?.throwIfAborted();
      if (hasRoomFor(person)) return begin(person);
      const standing = standingOf(person);
      return new Promise((resolve, reject) => {
        const enter = () => {
          signal?.removeEventListener('abort', giveUp);
          resolve(begin(person));
        };
        const giveUp = () => {
          standing.waiting.splice(standing.waiting.indexOf(enter), 1);
          forget(person, standing);
          reject(signal?.reason);
        };
        standing.waiting.push(enter);
        signal?.addEventListener('abort', giveUp, { once: true });
      });
    },

    /** Whether `take` would not wait. */
    hasRoomFor,

    /** How many turns can be taken. */
    free: () => free,

    /** How many requests wait: a person's, or everyone's. */
    waiting: (person?: string): number =>
      person === undefined
        ? [...people.values()].reduce((count, { waiting }) => count + waiting.length, 0)
        : (people.get(person)?.waiting.length ?? 0),

    /** Whether another person waits. */
    isWantedByOthersThan: (person: string): boolean =>
      [...people].some(([other, { waiting }]) => other !== person && waiting.length > 0),
  };
}

const isBefore = (one: Standing, other: Standing) =>
  one.taken < other.taken || (one.taken === other.taken && one.lastTurn < other.lastTurn);

export type Turns = ReturnType<typeof createTurns>;

/**
 * Interleaves things between people: each person's first, then each one's second. Keeps each person's order.
 */
export function inTurns<T>(things: T[], personOf: (thing: T) => string): T[] {
  const places = new Map<string, number>();
  return things
    .map((thing) => {
      const place = places.get(personOf(thing)) ?? 0;
      places.set(personOf(thing), place + 1);
      return { thing, place };
    })
    .toSorted((one, other) => one.place - other.place)
    .map(({ thing }) => thing);
}
