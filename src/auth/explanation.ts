// What would become of something that a provider could send.

/** One rule, and whether what was pasted keeps it. */
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

/** Takes a response through every rule, uses nothing up and signs nobody in. */
export type ExplainResponse = (
  providerId: string,
  pasted: string,
) => Omit<Explanation, 'kind'> | Promise<Omit<Explanation, 'kind'>>;
