// Computes the visibility delay of messages whose person has enough in flight. Too short, and a message is received
// and put back repeatedly; too long, and a worker stays idle.

interface Known {
  /**
   * Estimated duration of this person's jobs, on the low side: an idle worker is worse than a message put back twice.
   */
  jobSeconds: number;
  /** When this person's delayed messages become visible. */
  returns: number[];
}

/** The maximum delay of SQS. */
const maxSeconds = 900;
/**
 * Messages return this share of the estimate early, since jobs differ. One that is too early is put back again.
 */
const early = 0.5;
const firstGuessSeconds = 1;
const maxPeople = 1000;

export function createPutBack({ now = () => performance.now() }: { now?: () => number } = {}) {
  const people = new Map<string, Known>();

  function knownOf(person: string): Known {
    const known = people.get(person) ?? { jobSeconds: firstGuessSeconds, returns: [] };
    people.delete(person); // delete and set move the entry to the end: the first is the least recently used
    people.set(person, known);
    if (people.size > maxPeople) people.delete(people.keys().next().value as string);
    return known;
  }

  return {
    /** Records the duration of one of this person's jobs. */
    noteJob(person: string, ms: number) {
      const known = knownOf(person);
      const { jobSeconds } = known;
      known.jobSeconds = Math.min((jobSeconds + ms / 1000) / 2, jobSeconds * 1.25);
    },

    /**
     * Seconds until one more message of this person, who runs `atOnce` jobs at a time, should become visible.
     */
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
