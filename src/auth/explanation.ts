// What would happen to a message that a provider could send.

/** One rule, and whether the message keeps it. */
export interface ExplainedCheck {
  rule: string;
  clause: string;
  ok: boolean;
  detail?: string;
}

export interface Explanation {
  kind: 'groups' | 'response';
  checks: ExplainedCheck[];
  /** The refusal's code, if it would be refused. */
  reason?: string;
  attributes: Record<string, string[]>;
  mapped: { from: string; to: string }[];
  dropped: string[];
}

/** Checks a response against every rule without consuming anything or signing anyone in. */
export type ExplainResponse = (
  providerId: string,
  pasted: string,
) => Omit<Explanation, 'kind'> | Promise<Omit<Explanation, 'kind'>>;
