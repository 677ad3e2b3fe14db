// Each call of an AWS service is a span of the work that makes it, and counts as time of the store in a request's log line.
import { isPaperliftError } from '../errors.ts';
import { beginPhase, currentSpan, inSpan, type Span } from '../runtime/trace.ts';

type Next = (args: unknown) => Promise<unknown>;

interface Called {
  clientName?: string;
  commandName?: string;
}

interface SdkMetadata {
  httpStatusCode?: number;
  attempts?: number;
  totalRetryDelay?: number;
}

/** The part of an SDK client that does not depend on its commands. */
interface TracedClient {
  middlewareStack: {
    // biome-ignore lint/suspicious/noExplicitAny: the SDK's middleware types are generic over every command
    add: (middleware: any, options: { step: never; name: string; priority: 'high' }) => void;
  };
}

/** Outside of a span, as when the queue is polled, nothing is recorded. */
export function traceCalls(client: object) {
  const { middlewareStack } = client as TracedClient;
  middlewareStack.add(
    (next: Next, { clientName = '', commandName = '' }: Called) => {
      const service = clientName.replace(/Client$/, '');
      const method = commandName.replace(/Command$/, '');
      const options = {
        kind: 'client' as const,
        attributes: { 'rpc.system': 'aws-api', 'rpc.service': service, 'rpc.method': method },
      };
      return async (args: unknown) => {
        const endPhase = beginPhase('store');
        try {
          return await inSpan(`${service}.${method}`, (span) => recordCall(next, args, span), options);
        } finally {
          endPhase();
        }
      };
    },
    { step: 'initialize' as never, name: 'traceCalls', priority: 'high' },
  );
  // inside the SDK's retries: once for each attempt
  middlewareStack.add(
    (next: Next) => async (args: unknown) => {
      try {
        return await next(args);
      } catch (error) {
        currentSpan()?.note('attempt failed', { 'error.type': (error as Error).name });
        throw error;
      }
    },
    { step: 'deserialize' as never, name: 'traceAttempts', priority: 'high' },
  );
}

async function recordCall(next: Next, args: unknown, span: Span | undefined) {
  if (!span) return next(args);
  try {
    const answer = (await next(args)) as { output?: { $metadata?: SdkMetadata } };
    span.set(describe(answer.output?.$metadata));
    return answer;
  } catch (error) {
    const cause = isPaperliftError(error) ? (error.cause ?? error) : error;
    span.set(describe((cause as { $metadata?: SdkMetadata }).$metadata));
    throw error;
  }
}

const describe = ({ httpStatusCode, attempts, totalRetryDelay }: SdkMetadata = {}) => ({
  'http.response.status_code': httpStatusCode,
  'aws.attempts': attempts,
  'aws.retry_delay_ms': totalRetryDelay,
});
