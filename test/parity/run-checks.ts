import type { Check } from './check.ts';
import { checks } from './checks.ts';
import type { RecordedAnswer } from './recording.ts';
import { createSite, findSite, type SiteOptions } from './site.ts';

export interface CheckResult {
  name: string;
  ms: number;
  answers: RecordedAnswer[];
  /** Missing when it is as it should be. */
  error?: Error;
}

export interface RunOptions extends SiteOptions {
  /** Only checks whose name holds this. */
  only?: string;
  /** Instead of all checks, as where nobody can sign in. */
  checks?: Check[];
  onResult?(result: CheckResult): void;
}

const atOnce = 3;

/** Runs the checks, a few side by side. Throws only when there is no Paperlift at the address. */
export async function runChecks({ only = '', onResult, ...options }: RunOptions): Promise<CheckResult[]> {
  const found = await findSite(options);
  if (!options.checks) {
    createSite(found)
      .readProject()
      .catch(() => {}); // is read meanwhile; who needs it hears of what went wrong
  }
  const wanted = (options.checks ?? checks).filter(
    ({ name, needsTokens }) => name.includes(only) && (!needsTokens || options.tokenOf),
  );
  const results = new Map<Check, CheckResult>();

  async function runOne(check: Check) {
    const site = createSite(found);
    const startedAt = performance.now();
    const error = await check.run(site).then(
      () => undefined,
      (thrown: Error) => thrown,
    );
    const ms = Math.round(performance.now() - startedAt);
    const result = { name: check.name, ms, answers: site.answers, ...(error ? { error } : {}) };
    results.set(check, result);
    onResult?.(result);
  }

  async function runInTurn(queue: Check[]) {
    for (let check = queue.shift(); check; check = queue.shift()) await runOne(check);
  }

  await runInTurn(wanted.filter(({ alone }) => alone));
  const others = wanted.filter(({ alone }) => !alone);
  await Promise.all(Array.from({ length: atOnce }, () => runInTurn(others)));
  return wanted.map((check) => results.get(check) as CheckResult);
}

/** What differs between two runs, each as a few lines to read; none when they are the same byte for byte. */
export function findDifferences(one: CheckResult[], other: CheckResult[]): string[] {
  const differences: string[] = [];
  const byName = new Map(other.map((result) => [result.name, result]));
  for (const { name, answers } of one) {
    const others = byName.get(name)?.answers;
    if (!others) differences.push(`${name}: only one of the runs has it`);
    else {
      for (let index = 0; index < Math.max(answers.length, others.length); index += 1) {
        const [left, right] = [answers[index], others[index]].map((answer) => describe(answer));
        if (left !== right) {
          differences.push(`${name}, answer ${index + 1}\n${firstDifference(left ?? '', right ?? '')}`);
          break; // what follows a difference differs because of it
        }
      }
    }
    byName.delete(name);
  }
  for (const name of byName.keys()) differences.push(`${name}: only one of the runs has it`);
  return differences;
}

function describe(answer: RecordedAnswer | undefined): string {
  if (!answer) return '(no answer)';
  const headers = Object.entries(answer.headers).map(
    ([name, value]) => `${name}: ${[value].flat().join('\n  ')}`,
  );
  return [answer.step, answer.status, ...headers, '', answer.body].join('\n');
}

function firstDifference(left: string, right: string): string {
  const [lines, others] = [left.split('\n'), right.split('\n')];
  const at = lines.findIndex((line, index) => line !== others[index]);
  const index = at === -1 ? lines.length : at;
  const show = (line: string | undefined) => (line === undefined ? '(nothing)' : line.slice(0, 600));
  return `  in ${show(lines[0])}\n  - ${show(lines[index])}\n  + ${show(others[index])}`;
}
