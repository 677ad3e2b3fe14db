// Most of what is composed is not needed by most requests, and a cold start pays for every import.
import type { InFlight } from './in-flight.ts';

/** Loads once, when it is first called. A load that failed is tried again at the next call. */
export function loadOnce<T>(load: () => Promise<T>): () => Promise<T> {
  let loading: Promise<T> | undefined;
  return () => {
    loading ??= load().catch((error) => {
      loading = undefined;
      throw error;
    });
    return loading;
  };
}

/**
 * An object whose methods load the real one when one of them is first called. Only for methods that return promises. From
 * the call on they are under way.
 */
export function loadOnUse<T, Name extends keyof T>(
  { track }: Pick<InFlight, 'track'>,
  load: () => Promise<T>,
  ...names: Name[]
): Pick<T, Name> {
  const loadedOnce = loadOnce(load);
  const call = async (name: Name, given: unknown[]) => {
    const loaded = (await loadedOnce()) as Record<Name, (...given: unknown[]) => unknown>;
    return loaded[name](...given);
  };
  const methods = names.map((name) => [name, (...given: unknown[]) => track(call(name, given))]);
  return Object.fromEntries(methods) as Pick<T, Name>;
}
