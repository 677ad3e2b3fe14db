// How long a request spends in each of its phases. Where work of one phase overlaps, the time counts once.

const names = ['session', 'store', 'render'] as const;
export type Phase = (typeof names)[number];

export function createPhases(now = () => performance.now()) {
  const spent = { session: 0, store: 0, render: 0 };
  const running = { session: 0, store: 0, render: 0 };
  const beganAt = { session: 0, store: 0, render: 0 };

  return {
    /** Returns the function that ends it. Calls of the store that look up the session belong to the session. */
    begin(phase: Phase): () => void {
      const counted = phase === 'store' && running.session > 0 ? 'session' : phase;
      running[counted] += 1;
      if (running[counted] === 1) beganAt[counted] = now();
      let isOver = false;
      return () => {
        if (isOver) return;
        isOver = true;
        running[counted] -= 1;
        if (running[counted] === 0) spent[counted] += now() - beganAt[counted];
      };
    },

    /** Milliseconds so far. */
    spent(): Record<Phase, number> {
      const time = now();
      const soFar = (phase: Phase) =>
        Math.round(spent[phase] + (running[phase] > 0 ? time - beganAt[phase] : 0));
      return { session: soFar('session'), store: soFar('store'), render: soFar('render') };
    },
  };
}

export type Phases = ReturnType<typeof createPhases>;
