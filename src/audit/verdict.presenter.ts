import { formatCount } from '../http/formatting.ts';
import type { TrailName } from './audit.ts';
import type { Verdict } from './verify-trail.ts';

/** The result of a check, in a sentence or two. */
export function describeVerdict(trail: TrailName | 'this trail', verdict: Verdict): string {
  if (verdict.intact) {
    const all =
      verdict.count === 1
        ? `The only entry of ${trail} is unchanged.`
        : `All ${formatCount(verdict.count)} entries of ${trail} are unchanged.`;
    return `${all} The last hash is ${verdict.lastHash}.`;
  }
  const faults = {
    changed: `Entry ${verdict.number} of ${trail} was changed after it was written.`,
    removed: `Entry ${verdict.number} of ${trail} was removed.`,
    reordered: `Entry ${verdict.number} of ${trail} was moved from another position.`,
    added: `Entry ${verdict.number} of ${trail} is a duplicate or follows the newest entry: an entry was added, or the end of the trail was reset.`,
  };
  return `${faults[verdict.fault]} Earlier entries are unchanged; later entries can’t be verified.`;
}
