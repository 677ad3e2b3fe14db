// What the user pool puts into a token's groups when it federates to the company's provider by itself: the same table as
// at a sign-in here. Pure; the Lambda handler is src/lambda-pre-token.ts.
// https://docs.aws.amazon.com/cognito/latest/developerguide/user-pool-lambda-pre-token-generation.html
import * as z from 'zod';
import { type GroupRule, mapGroups } from '../people/groups.ts';
import type { GroupNames } from '../people/person.ts';

/** What is read of the event; everything else goes back as it came. Version 3 is the same for machines. */
const tokenEvent = z.looseObject({
  version: z.enum(['2', '3']),
  request: z.looseObject({
    userAttributes: z.record(z.string(), z.string()).default({}),
    groupConfiguration: z.looseObject({ groupsToOverride: z.array(z.string()).nullish() }).nullish(),
  }),
  response: z.looseObject({}).nullish(),
});

interface Table {
  rules: GroupRule[];
  groupNames: GroupNames;
  /** Where the provider sends all groups as one value: what stands between them. */
  separator?: string | undefined;
}

/**
 * Answers a V2 pre-token-generation event: `cognito:groups` of ID and access token become what the table makes of
 * `custom:groups`. Groups that are not Paperlift's stay. Somebody without that attribute keeps the pool's own
 * memberships. Throws on an event of version 1, which cannot change access tokens.
 */
export function overrideGroups(event: unknown, { rules, groupNames, separator }: Table) {
  const { request, response, ...rest } = tokenEvent.parse(event);
  const received = request.userAttributes['custom:groups'];
  if (received === undefined) return { ...rest, request, response: response ?? {} };
  const values = separator ? [received] : splitAttribute(received, rules);
  const { groups } = mapGroups(values, rules, separator);
  const ours: string[] = [groupNames.admins, groupNames.users, groupNames.auditors];
  const others = (request.groupConfiguration?.groupsToOverride ?? []).filter(
    (group) => !ours.includes(group),
  );
  return {
    ...rest,
    request,
    response: {
      ...response,
      claimsAndScopeOverrideDetails: {
        // without IAM roles and a preferred one: those came from groups that may be gone
        groupOverrideDetails: { groupsToOverride: [...new Set([...others, ...groups])] },
      },
    },
  };
}

/**
 * The values in an attribute that Cognito made of several: `[one, two]`, or JSON. A comma may also stand in a value: the
 * longest stretch that the table knows is one value, and an escaped comma separates nothing. Whoever can name a group in
 * the directory can write a comma into it: tables for such pools name DNs or object ids, or set a separator.
 */
function splitAttribute(value: string, rules: GroupRule[]): string[] {
  const list = /^\s*\[(.*)\]\s*$/s.exec(value)?.[1];
  if (list === undefined) return [value];
  const strings = z.array(z.string()).safeParse(parseJson(value));
  if (strings.success) return strings.data;
  const parts = list.split(/(?<!\\),/);
  const whole = rules.filter(({ kind }) => kind !== 'prefix'); // a prefix would take in everything that follows
  const values: string[] = [];
  for (let start = 0; start < parts.length; ) {
    let length = Math.min(parts.length - start, longestValue);
    const stretch = () => parts.slice(start, start + length).join(',');
    while (length > 1 && mapGroups([stretch()], whole).groups.length === 0) length -= 1;
    values.push(stretch());
    start += length;
  }
  return values;
}

/** Commas and one in a value: a DN of a deep directory. */
const longestValue = 24;

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
