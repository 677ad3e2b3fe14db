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
 * An object whose methods load the real one when one of them is first called. Only for methods that return promises; it has
 * no other properties. From the call on they are in flight.
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
