import * as z from 'zod';

/** What every job names: its item's project and the person whose work it is. */
export interface AnyJob {
  projectId: string;
  /** Missing on older items; then the project stands for the person. */
  personId?: string | undefined;
}

/** The person whose turn a job takes. */
export const personOfJob = ({ personId, projectId }: AnyJob): string => personId ?? projectId;

/** What a message carries beside its job. */
export interface Sending {
  /** The span that sent it (W3C): what it causes belongs to the same trace. */
  traceparent?: string | undefined;
  /** When it was first sent, in milliseconds since the epoch. Copies keep it. */
  sentAt?: number | undefined;
}

const sending = z.object({
  traceparent: z.string().max(100).optional().catch(undefined),
  sentAt: z.number().positive().optional().catch(undefined),
});

export const presentMessage = (job: AnyJob, sent: Sending): string => JSON.stringify({ ...job, ...sent });

/** Text that is not JSON is returned as it is; the handler rejects it. */
export function parseMessage(body = ''): { job: unknown; sent: Sending } {
  let job: unknown = body;
  try {
    job = JSON.parse(body);
  } catch {}
  if (typeof job !== 'object' || job === null) return { job, sent: {} };
  const { traceparent: _, sentAt: __, ...rest } = job as Record<string, unknown>;
  return { job: rest, sent: sending.parse(job) };
}
