// Presents the sign-in diagnostics page: each sign-in, and how to fix a refused one.

import { countOf, type Pill } from '../http/formatting.ts';
import type { FormattedTime } from '../http/times.ts';
import type { ExplainedCheck, Explanation } from './explanation.ts';
import { refusals } from './saml/refusals.ts';
import type { SignInEntry } from './sign-in-log.store.ts';

interface Named {
  id: string;
  name: string;
}

const time = new Intl.DateTimeFormat('en-GB', { timeStyle: 'medium', timeZone: 'UTC' });
const date = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'long', timeZone: 'UTC' });
const full = new Intl.DateTimeFormat('en-GB', { dateStyle: 'long', timeStyle: 'medium', timeZone: 'UTC' });

/** How many groups are shown; the others are collapsed. */
const groupsShown = 5;

export function presentSignIn(entry: SignInEntry, providers: Named[], now: Date) {
  const isIn = entry.outcome === 'signed-in';
  return {
    when: clockTime(entry.at, now),
    who: entry.email || entry.name || '',
    name: entry.email && entry.name !== entry.email ? (entry.name ?? '') : '',
    trailUrl: isIn && entry.personId ? `/admin/audit?person=${encodeURIComponent(entry.personId)}` : '',
    provider: providers.find(({ id }) => id === entry.providerId)?.name ?? entry.providerId ?? '',
    pill: pillOf(isIn ? undefined : entry.reason),
    isIn,
    reason: isIn ? undefined : explainReason(entry.reason, entry.detail),
    ...presentGroups(entry),
    attributes: presentAttributes(entry.attributes),
    leftOut: entry.leftOut > 0 ? `${countOf(entry.leftOut, 'more value')} not stored.` : '',
    request: entry.requestId,
    ip: entry.ip,
  };
}

export function presentExplanation({ kind, checks, reason, attributes, mapped, dropped }: Explanation) {
  const roles = [...new Set(mapped.map(({ to }) => to))];
  return {
    isResponse: kind === 'response',
    pill: pillOf(reason),
    isIn: reason === undefined,
    sentence: reason ? 'This would be refused.' : `This would sign the person in as ${roles.join(', ')}.`,
    reason: reason ? explainReason(reason, undefined) : undefined,
    checks: checks.map(presentCheck),
    ...presentGroups({ mapped, dropped }),
    attributes: presentAttributes(attributes),
  };
}

function presentCheck({ rule, clause, ok, detail }: ExplainedCheck) {
  return {
    rule,
    clause,
    detail: detail ?? '',
    pill: { tone: ok ? 'good' : 'failed', text: ok ? 'passed' : 'failed' } satisfies Pill,
  };
}

function pillOf(reason: string | undefined): Pill {
  if (reason === undefined) return { tone: 'good', text: 'signed in' };
  return { tone: 'failed', text: findRefusal(reason)?.label ?? 'refused' };
}

function findRefusal(code: string) {
  return Object.hasOwn(refusals, code) ? refusals[code as keyof typeof refusals] : undefined;
}

/** What was found, and how to fix it. A later version may have stored a code that this one does not know. */
function explainReason(code: string, detail: string | undefined) {
  const known = findRefusal(code);
  return {
    code,
    meaning: known?.meaning ?? 'The sign-in was refused.',
    remedy: known?.remedy ?? '',
    clause: known?.clause ?? '',
    detail: detail ?? '',
  };
}

function presentGroups({ mapped, dropped }: Pick<SignInEntry, 'mapped' | 'dropped'>) {
  const nothingGiven = mapped.length === 0;
  return {
    mapped: mapped.slice(0, groupsShown),
    moreMapped: mapped.slice(groupsShown),
    /** When no group is mapped, administrators look for the dropped ones. */
    unmatched: nothingGiven ? dropped.slice(0, groupsShown) : [],
    dropped: nothingGiven ? dropped.slice(groupsShown) : dropped,
    droppedSaid: `${countOf((nothingGiven ? dropped.slice(groupsShown) : dropped).length, 'other group')} dropped`,
    moreMappedSaid: `${countOf(mapped.length - groupsShown, 'more group')} mapped`,
    rule: nothingGiven && dropped[0] !== undefined ? `${JSON.stringify(dropped[0])}: "paperlift-users"` : '',
  };
}

function presentAttributes(attributes: Record<string, string[]>) {
  return Object.entries(attributes).map(([name, values]) => ({ name, values }));
}

/** "14:02:11", with the date unless it is today. */
function clockTime(iso: string, now: Date): FormattedTime {
  const then = new Date(iso);
  const isToday = iso.slice(0, 10) === now.toISOString().slice(0, 10);
  const clock = time.format(then);
  return { iso, exact: `${full.format(then)} UTC`, text: isToday ? clock : `${date.format(then)}, ${clock}` };
}
