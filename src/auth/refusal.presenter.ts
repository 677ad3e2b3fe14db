// Presents why a sign-in was refused.
import type { Pill } from '../http/formatting.ts';
import { refusals } from './saml/refusals.ts';

export function pillOf(reason: string | undefined): Pill {
  if (reason === undefined) return { tone: 'good', text: 'signed in' };
  return { tone: 'failed', text: findRefusal(reason)?.label ?? 'refused' };
}

function findRefusal(code: string) {
  return Object.hasOwn(refusals, code) ? refusals[code as keyof typeof refusals] : undefined;
}

/** What was found, and how to fix it. A later version may have stored a code that this one does not know. */
export function explainReason(code: string, detail: string | undefined) {
  const known = findRefusal(code);
  return {
    code,
    meaning: known?.meaning ?? 'The sign-in was refused.',
    remedy: known?.remedy ?? '',
    clause: known?.clause ?? '',
    detail: detail ?? '',
  };
}
