// Presents the sign-in diagnostics page: each sign-in, and how to fix a refused one.
import { countOf } from '../http/formatting.ts';
import type { FormattedTime } from '../http/times.ts';
import { presentAttributes, presentGroups } from './granted-groups.presenter.ts';
import { explainReason, pillOf } from './refusal.presenter.ts';
import type { SignInEntry } from './sign-in-log.store.ts';

interface Named {
  id: string;
  name: string;
}

const time = new Intl.DateTimeFormat('en-GB', { timeStyle: 'medium', timeZone: 'UTC' });
const date = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'long', timeZone: 'UTC' });
const full = new Intl.DateTimeFormat('en-GB', { dateStyle: 'long', timeStyle: 'medium', timeZone: 'UTC' });

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

/** "14:02:11", with the date unless it is today. */
function clockTime(iso: string, now: Date): FormattedTime {
  const then = new Date(iso);
  const isToday = iso.slice(0, 10) === now.toISOString().slice(0, 10);
  const clock = time.format(then);
  return { iso, exact: `${full.format(then)} UTC`, text: isToday ? clock : `${date.format(then)}, ${clock}` };
}
