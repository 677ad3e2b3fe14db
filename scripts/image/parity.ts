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
  const lastWords = said()
    .slice(-20)
    .map((line) => line.slice(0, 1000));
  if (failed.length > 0) throw new Error([...failed, ...lastWords].join('\n'));
  assert.ok(results.length > 30, `only ${results.length} checks were run`);
  return results;
}

/** The answers without the sizes of PDFs: the sources have this machine's browser, whose PDFs name it, the image has its own. */
export function withoutPdfSizes(results: CheckResult[]): CheckResult[] {
  const forget = (body: string) =>
    body.replace(/("format":"[a-z]+-pdf"[^}]*?"sizeBytes":)\d+/g, '$1"<size>"');
  return results.map((result) => ({
    ...result,
    answers: result.answers.map((answer) => ({ ...answer, body: forget(answer.body) })),
  }));
}

/** Throws when an answer of one is not that of the other, byte for byte. */
export function compareAnswers(one: CheckResult[], other: CheckResult[]): void {
  const differences = findDifferences(one, other);
  if (differences.length > 0) throw new Error(`The answers differ:\n${differences.join('\n')}`);
}
