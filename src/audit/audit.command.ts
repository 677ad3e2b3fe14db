import type { AuditStore } from './audit.store.ts';
import type { TrailName } from './audit.ts';
import { describeVerdict } from './verdict.presenter.ts';
import { verifyTrail } from './verify-trail.ts';

const usage = `Usage: npm run audit -- verify <project id or person id> [hash]
Verifies a trail from its first entry to its last. If you pass a hash from an earlier CSV, log or verification, also
checks that the trail still contains the entry with that hash.`;

/** Runs a command line. Returns the output and the exit code (0 intact, 1 not intact, 2 nothing to check). */
export async function runAuditCommand(
  trails: Pick<AuditStore, 'readAll'>,
  [command, id, hash]: string[],
): Promise<{ text: string; exitCode: number }> {
  if (command !== 'verify' || !id) return { text: usage, exitCode: 2 };
  const trail: TrailName = /^[0-9A-HJKMNP-TV-Z]{26}$/.test(id) ? `project:${id}` : `person:${id}`;
  const { entries, newest } = await trails.readAll(trail);
  if (!newest && entries.length === 0) {
    return { text: `No trail found for ${trail}: it never existed, or all of it was removed.`, exitCode: 2 };
  }
  const verdict = await verifyTrail(trail, entries, newest);
  const text = describeVerdict(trail, verdict);
  if (!verdict.intact) return { text, exitCode: 1 };
  if (hash && newest?.hash !== hash && !entries.some(({ entry }) => entry.hash === hash)) {
    return { text: `${text}\nBut no entry has the hash ${hash}: the trail was rewritten.`, exitCode: 1 };
  }
  return { text, exitCode: 0 };
}
