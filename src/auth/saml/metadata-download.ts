// Downloads a provider's metadata.
const fetchTimeoutMs = 10_000;
const largestMetadata = 5 * 1024 * 1024;

/** Leaves out addresses inside the company. */
export function describeFailure(error: unknown): string {
  const { name, message, code } = error as NodeJS.ErrnoException;
  if (error instanceof MetadataStatusError) return `its address responded with status ${error.status}`;
  if (code !== undefined) return 'its file can’t be read';
  if (name === 'TimeoutError') return 'its address did not respond in time';
  if (name === 'TypeError') return 'its address can’t be reached'; // fetch's only error
  return message;
}

class MetadataStatusError extends Error {
  readonly status: number;
  constructor(url: string, status: number) {
    super(`${url} responded with status ${status}`);
    this.status = status;
  }
}

export async function fetchMetadata(url: string): Promise<string> {
  const answer = await fetch(url, { signal: AbortSignal.timeout(fetchTimeoutMs), redirect: 'error' });
  if (!answer.ok) throw new MetadataStatusError(url, answer.status);
  const text = await answer.text();
  if (text.length > largestMetadata) throw new Error('the metadata is larger than 5 MB');
  return text;
}
