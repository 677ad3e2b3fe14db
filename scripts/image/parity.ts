// The end-to-end checks of test/parity against what runs, and its answers beside those of another way of running.
import assert from 'node:assert/strict';
import { type CheckResult, findDifferences, runChecks } from '../../test/parity/run-checks.ts';
import type { Surroundings } from './surroundings.ts';

/** Throws when a check fails. `said` is asked for what the processes wrote, then. */
export async function checkParity(
  { base, tokenOf }: Surroundings,
  said: () => string[],
): Promise<CheckResult[]> {
  const results = await runChecks({ base, tokenOf });
  const failed = results.filter(({ error }) => error).map(({ name, error }) => `${name}: ${error?.stack}`);
  assert.deepEqual(failed, [], `${failed.join('\n\n')}\n${said().slice(-30).join('\n')}`);
  assert.ok(results.length > 30, `only ${results.length} checks were run`);
  return results;
}

/** Throws when an answer of one is not that of the other, byte for byte. */
export function compareAnswers(one: CheckResult[], other: CheckResult[]): void {
  const differences = findDifferences(one, other);
  assert.deepEqual(differences, [], differences.join('\n'));
}
