// A server of AWS's JSON protocol 1.1 (https://smithy.io/2.0/aws/protocols/aws-json-1_1-protocol.html) for services of few
// operations. It checks no signatures, only that there is one.
import { randomUUID } from 'node:crypto';
import { createServer } from 'node:http';
import { buffer } from 'node:stream/consumers';

/** An error that the caller gets to see, by AWS's name for it. */
export class AwsJsonError extends Error {
  readonly status: number;
  constructor(name: string, message: string, status = 400) {
    super(message);
    this.name = name;
    this.status = status;
  }
}

// biome-ignore lint/suspicious/noExplicitAny: each operation parses its own input
type Operation = (input: any) => object | Promise<object>;

/** `operations` by their `x-amz-target`. */
export function createAwsJsonServer(operations: Record<string, Operation>) {
  return createServer(async (request, response) => {
    const send = (status: number, body: object) => {
      const text = JSON.stringify(body);
      response.writeHead(status, {
        'content-type': 'application/x-amz-json-1.1',
        'content-length': Buffer.byteLength(text),
        'x-amzn-requestid': randomUUID(),
      });
      response.end(text);
    };
    try {
      const body = await buffer(request);
      const target = String(request.headers['x-amz-target']);
      const operation = Object.hasOwn(operations, target) ? operations[target] : undefined;
      if (request.method !== 'POST' || !operation)
        throw new AwsJsonError('UnknownOperationException', `This server does not support ${target}.`);
      if (!request.headers.authorization)
        throw new AwsJsonError('MissingAuthenticationTokenException', 'Missing Authentication Token');
      send(200, await operation(parse(body)));
    } catch (error) {
      const { name, message, status } =
        error instanceof AwsJsonError
          ? error
          : { name: 'InternalServerError', message: (error as Error).message, status: 500 };
      send(status, { __type: name, message });
    }
  });
}

function parse(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString('utf8'));
  } catch {
    throw new AwsJsonError('SerializationException', 'The request is not valid JSON.');
  }
}
