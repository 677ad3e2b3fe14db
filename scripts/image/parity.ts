// Runs the end-to-end checks of test/parity, and compares the answers of two ways of running.
import assert from 'node:assert/strict';
import { type CheckResult, findDifferences, runChecks } from '../../test/parity/run-checks.ts';
import type { Surroundings } from './surroundings.ts';

/** Throws when a check fails. `output` returns the processes' output for the error. */
export async function checkParity(
  { base, tokenOf }: Surroundings,
  output: () => string[],
): Promise<CheckResult[]> {
  const results = await runChecks({ base, tokenOf });
  const failed = results.filter(({ error }) => error).map(({ name, error }) => `${name}: ${error?.stack}`);
  const lastLines = output()
    .slice(-20)
    .map((line) => line.slice(0, 1000));
  if (failed.length > 0) throw new Error([...failed, ...lastLines].join('\n'));
  assert.ok(results.length > 30, `only ${results.length} checks were run`);
  return results;
}

/** Leaves out the sizes of PDFs: sources and image use different browsers, which PDFs name. */
export function withoutPdfSizes(results: CheckResult[]): CheckResult[] {
  const forget = (body: string) =>
    body.replace(/("format":"[a-z]+-pdf"[^}]*?"sizeBytes":)\d+/g, '$1"<size>"');
  return results.map((result) => ({
    ...result,
    answers: result.answers.map((answer) => ({ ...answer, body: forget(answer.body) })),
  }));
}

/** Throws when the answers differ in any byte. */
export function compareAnswers(one: CheckResult[], other: CheckResult[]): void {
  const differences = findDifferences(one, other);
  if (differences.length > 0) throw new Error(`The answers differ:\n${differences.join('\n')}`);
}
