// Most of what is composed is not needed by most requests, and a cold start pays for every import.
import type { UnderWay } from './under-way.ts';

/**
 * An object whose methods load the real one when one of them is first called. Only for methods that return promises. From
 * the call on they are under way.
 */
export function loadOnUse<T, Name extends keyof T>(
  { track }: Pick<UnderWay, 'track'>,
  load: () => Promise<T>,
  ...names: Name[]
): Pick<T, Name> {
  let loading: Promise<T> | undefined;
  const call = async (name: Name, given: unknown[]) => {
    loading ??= load();
    const loaded = (await loading) as Record<Name, (...given: unknown[]) => unknown>;
    return loaded[name](...given);
  };
  const methods = names.map((name) => [name, (...given: unknown[]) => track(call(name, given))]);
  return Object.fromEntries(methods) as Pick<T, Name>;
}
