// Presents the explanation of a response that an administrator pasted.
import type { Pill } from '../http/formatting.ts';
import type { ExplainedCheck, Explanation } from './explanation.ts';
import { presentAttributes, presentGroups } from './granted-groups.presenter.ts';
import { explainReason, pillOf } from './refusal.presenter.ts';

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
