import { sayVerdict } from './audit.presenter.ts';
import type { AuditService } from './audit.service.ts';
import type { TrailName } from './audit.ts';

const usage = `Usage: npm run audit -- verify <project id or person id> [hash]
Checks a trail from its first entry to its last. With a hash that was noted earlier (from a CSV, the log, or an earlier
check), says also whether the trail still holds the entry with that hash.`;

/** Answers a command line: what to print, and the exit code (0 intact, 1 not intact, 2 nothing to check). */
export async function runAuditCommand(
  audit: Pick<AuditService, 'verify' | 'holds'>,
  [command, id, hash]: string[],
): Promise<{ text: string; exitCode: number }> {
  if (command !== 'verify' || !id) return { text: usage, exitCode: 2 };
  const trail: TrailName = /^[0-9A-HJKMNP-TV-Z]{26}$/.test(id) ? `project:${id}` : `person:${id}`;
  const verdict = await audit.verify(trail);
  if (verdict.intact ? verdict.count === 0 : verdict.number === 1 && verdict.fault === 'removed') {
    return { text: `There is no trail of ${trail}: it never was, or all of it was removed.`, exitCode: 2 };
  }
  const text = sayVerdict(trail, verdict);
  if (!verdict.intact) return { text, exitCode: 1 };
  if (hash && !(await audit.holds(trail, hash))) {
    return { text: `${text}\nBut no entry has the hash ${hash}: the trail was written anew.`, exitCode: 1 };
  }
  return { text, exitCode: 0 };
}
