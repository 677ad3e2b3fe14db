import type { Allowance, ViewAllowance } from './allowance.ts';

/** With more pages left, a project's page says nothing about the limit. */
const fewPages = 500;
const rememberedMs = 60_000;
const maxRemembered = 10_000;

/**
 * What is left of a person's daily pages, when few are left; else `undefined`. That many are left is remembered for a
 * minute, so that opening a project rarely reads it.
 */
export function createAllowanceNotice({
  view,
  now,
}: {
  view: ViewAllowance;
  now: () => Date;
}): ViewAllowance {
  const manyUntil = new Map<string, number>();

  return async (personId): Promise<Allowance | undefined> => {
    const time = now().getTime();
    if ((manyUntil.get(personId) ?? 0) > time) return undefined;
    manyUntil.delete(personId);
    const allowance = await view(personId);
    if (!allowance || allowance.pagesLeft <= fewPages) return allowance;
    manyUntil.set(personId, time + rememberedMs);
    if (manyUntil.size > maxRemembered) manyUntil.delete(manyUntil.keys().next().value as string);
    return undefined;
  };
}
