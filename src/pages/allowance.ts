/** What is left of a person's day. */
export interface Allowance {
  pagesPerDay: number;
  pagesLeft: number;
  /** When all of it is there again. */
  resetsAt: Date;
}

/** `undefined`: there is no limit. */
export type ViewAllowance = (personId: string) => Promise<Allowance | undefined>;
