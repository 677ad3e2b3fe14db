/** Longer is a wrong clock, or a header that someone made up. */
const maxMs = 60_000;

/**
 * Milliseconds that a request waited before it arrived here, by the `X-Request-Start` of the proxy: seconds, milliseconds
 * or microseconds since the epoch, with or without `t=`. `undefined` where it says nothing of use. It goes into the request's
 * own line and span alone, so that whoever forges it fools no one else.
 */
export function queuedSince(header: string | undefined, now: number): number | undefined {
  const [, digits] = /^(?:t=)?(\d{10,16}(?:\.\d{1,9})?)$/.exec(header ?? '') ?? [];
  if (!digits) return undefined;
  const given = Number(digits);
  const ms = given > 1e14 ? given / 1000 : given > 1e11 ? given : given * 1000;
  const queued = Math.round(now - ms);
  return queued >= 0 && queued <= maxMs ? queued : undefined;
}
