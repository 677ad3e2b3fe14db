/** What every job names: its item's project and the person whose work it is. */
export interface AnyJob {
  projectId: string;
  /** Missing on older items; then the project stands for the person. */
  personId?: string | undefined;
}

/** The person whose turn a job takes. */
export const personOfJob = ({ personId, projectId }: AnyJob): string => personId ?? projectId;
