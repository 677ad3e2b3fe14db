// Most requests need few of the composed modules, and a cold start pays for every import.
import type { InFlight } from './in-flight.ts';

/** Loads once, at the first call. A failed load is repeated at the next call. */
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
 * An object whose methods load the real object at the first call. For methods that return promises only; it has no
 * other properties. Calls count as in flight.
 */
export function loadOnUse<T extends object>({ track }: Pick<InFlight, 'track'>, load: () => Promise<T>): T {
  const loadedOnce = loadOnce(load);
  const call = async (name: string, given: unknown[]) => {
    const loaded = (await loadedOnce()) as Record<string, (...given: unknown[]) => unknown>;
    return loaded[name]?.(...given);
  };
  const methods: Record<string, unknown> = {};
  return new Proxy(methods, {
    get(_, name) {
      if (typeof name !== 'string' || name === 'then') return undefined; // awaiting it does not load it
      methods[name] ??= (...given: unknown[]) => track(call(name, given));
      return methods[name];
    },
  }) as T;
}
