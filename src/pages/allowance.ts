/** What is left of a person's daily pages. */
export interface Allowance {
  pagesPerDay: number;
  pagesLeft: number;
  /** When the count starts again. */
  resetsAt: Date;
}

/** `undefined`: no limit. */
export type ViewAllowance = (personId: string) => Promise<Allowance | undefined>;
