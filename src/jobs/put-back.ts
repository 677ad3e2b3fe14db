// When to show a message again whose person has enough under way: not long before its turn comes, or it would be received
// and put back over and over, nor after it, or a worker would have nothing to do.

interface Known {
  /** How long a job of this person's takes, rather less than more: a worker with nothing to do is the greater evil. */
  jobSeconds: number;
  /** When those come back that were put back. */
  returns: number[];
}

/** SQS delays no message for longer. */
const maxSeconds = 900;
/** Earlier than their turn by what jobs differ: who comes too early is put back once more. */
const early = 0.5;
const firstGuessSeconds = 1;
const peopleRemembered = 1000;

export function createPutBack({ now = () => performance.now() }: { now?: () => number } = {}) {
  const people = new Map<string, Known>();

  function knownOf(person: string): Known {
    const known = people.get(person) ?? { jobSeconds: firstGuessSeconds, returns: [] };
    people.delete(person); // and in again at the end: the first is who was not asked for longest
    people.set(person, known);
    if (people.size > peopleRemembered) people.delete(people.keys().next().value as string);
    return known;
  }

  return {
    /** A job of this person's took so long. */
    noteJob(person: string, ms: number) {
      const known = knownOf(person);
      const { jobSeconds } = known;
      known.jobSeconds = Math.min((jobSeconds + ms / 1000) / 2, jobSeconds * 1.25);
    },

    /** In how many seconds one more message of this person's is to come back, who has so many jobs at once. */
    delaySeconds(person: string, atOnce: number): number {
      const known = knownOf(person);
      const at = now();
      known.returns = known.returns.filter((time) => time > at);
      const turnIn = ((known.returns.length + 1) * known.jobSeconds) / atOnce;
      const seconds = Math.min(maxSeconds, Math.max(1, Math.floor(turnIn * early)));
      known.returns.push(at + seconds * 1000);
      return seconds;
    },
  };
}
