// Formats times relative to now.

/** A time for a view: its text, the exact time for hovering, and the machine-readable form. */
export interface FormattedTime {
  text: string;
  exact: string;
  iso: string;
}

const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;

const dayAndMonth = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'long', timeZone: 'UTC' });
const fullDate = new Intl.DateTimeFormat('en-GB', { dateStyle: 'long', timeZone: 'UTC' });
const fullTime = new Intl.DateTimeFormat('en-GB', { timeStyle: 'medium', timeZone: 'UTC' });

/**
 * Formats a time (ISO 8601) relative to `now`: "just now", "2 minutes ago", "yesterday", "12 November". Less than a
 * day is given in hours, so that the server's time zone rarely shows.
 */
export function formatTime(iso: string, now: Date): FormattedTime {
  const then = new Date(iso);
  return {
    iso: then.toISOString(),
    exact: `${fullDate.format(then)}, ${fullTime.format(then)} UTC`,
    text: formatDistance(then, now),
  };
}

function formatDistance(then: Date, now: Date): string {
  const past = now.getTime() - then.getTime();
  if (past < minute) return 'just now';
  if (past < hour) return formatAgo(Math.floor(past / minute), 'minute');
  if (past < day) return formatAgo(Math.floor(past / hour), 'hour');
  if (dayNumber(now) - dayNumber(then) === 1) return 'yesterday';
  return then.getUTCFullYear() === now.getUTCFullYear() ? dayAndMonth.format(then) : fullDate.format(then);
}

function formatAgo(count: number, unit: string): string {
  return `${count} ${unit}${count === 1 ? '' : 's'} ago`;
}

function dayNumber(date: Date): number {
  return Math.floor(date.getTime() / day);
}
