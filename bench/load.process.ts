// Requests one URL as fast as it is answered, and reports the rate.
import autocannon from 'autocannon';

export interface Load {
  url: string;
  headers: Record<string, string>;
  connections: number;
  seconds: number;
}

export interface LoadResult {
  requestsPerSecond: number;
  p99Ms: number;
  /** Answers other than 200, and requests without one. */
  failures: number;
}

process.once('message', async ({ url, headers, connections, seconds }: Load) => {
  const result = await autocannon({ url, headers, connections, duration: seconds });
  const found: LoadResult = {
    requestsPerSecond: result.requests.average,
    p99Ms: result.latency.p99,
    failures: result.non2xx + result.errors + result.timeouts,
  };
  process.send?.(found, () => process.exit(0));
});
