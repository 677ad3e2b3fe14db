// Sets a token's groups when the user pool federates to the company's provider itself, using the same table as a
// sign-in. Pure; the Lambda handler is src/lambda-pre-token.ts.
// https://docs.aws.amazon.com/cognito/latest/developerguide/user-pool-lambda-pre-token-generation.html
import * as z from 'zod';
import type { GroupRule } from '../people/group-rule.ts';
import { mapGroups } from '../people/groups.ts';
import type { GroupNames } from '../people/person.ts';

/** The parts of the event that are read; the rest is returned unchanged. Version 3 has the same form for machines. */
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
  /** The separator, where the provider sends all groups as one value. */
  separator?: string | undefined;
}

/**
 * Answers a V2 pre-token-generation event: `cognito:groups` of ID and access token become the groups that the table
 * maps `custom:groups` to. Groups that are not Paperlift's stay. People without that attribute keep the pool's groups.
 * Throws on an event of version 1, which cannot change access tokens.
 */
export function overrideGroups(event: unknown, { rules, groupNames, separator }: Table) {
  const { request, response, ...rest } = tokenEvent.parse(event);
  const received = request.userAttributes['custom:groups'];
  if (received === undefined) return { ...rest, request, response: response ?? {} };
  const values = separator ? [received] : splitAttribute(received, rules);
  const { groups } = mapGroups(values, rules, separator);
  const ours: string[] = Object.values(groupNames);
  const others = (request.groupConfiguration?.groupsToOverride ?? []).filter(
    (group) => !ours.includes(group),
  );
  return {
    ...rest,
    request,
    response: {
      ...response,
      claimsAndScopeOverrideDetails: {
        // without IAM roles and preferred role, which came from groups that may be gone
        groupOverrideDetails: { groupsToOverride: [...new Set([...others, ...groups])] },
      },
    },
  };
}

/**
 * Splits an attribute that Cognito made of several values: `[one, two]`, or JSON. A value may contain a comma: the
 * longest run that the table knows is one value, and an escaped comma does not separate. Anyone who can name a
 * directory group can write a comma, so tables for such pools should use DNs or object ids, or set a separator.
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
    while (length > 1 && mapGroups([stretch()], whole).mapped.length === 0) length -= 1;
    values.push(stretch());
    start += length;
  }
  return values;
}

/** The most parts of one value: the DN of a deep directory. */
const longestValue = 24;

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
