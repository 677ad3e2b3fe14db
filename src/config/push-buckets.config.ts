import * as z from 'zod';

/** Buckets by organisation: `default:acme-archive, globex:globex-scans`. */
export const pushBuckets = z
  .string()
  .default('')
  .transform((list, context): Record<string, readonly string[]> => {
    const buckets = new Map<string, string[]>();
    for (const entry of list.split(/[\s,]+/).filter(Boolean)) {
      const [, organisation = '', bucket] = /^([\w-]+):([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])$/.exec(entry) ?? [];
      if (bucket) buckets.set(organisation, [...(buckets.get(organisation) ?? []), bucket]);
      else context.addIssue(`does not understand “${entry}”: use an organisation’s id, a colon and a bucket`);
    }
    return Object.fromEntries(buckets);
  });
