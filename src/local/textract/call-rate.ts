// A token bucket: so many calls a second, and as many at once after a quiet second.

/** `take` answers whether one more call is allowed now. */
export function createCallRate({ callsPerSecond, now }: { callsPerSecond: number; now: () => number }) {
  const most = Math.max(1, callsPerSecond);
  let tokens = most;
  let filledAt = now();
  return {
    take(): boolean {
      const at = now();
      tokens = Math.min(most, tokens + (Math.max(0, at - filledAt) / 1000) * callsPerSecond);
      filledAt = at;
      if (tokens < 1) return false;
      tokens -= 1;
      return true;
    },
  };
}
