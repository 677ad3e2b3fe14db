// A function's runtime without Lambda: loads the module of argv and gives its `handler` one event after the other. It does
// what aws-lambda-ric does, as far as tests need it: HTTP to the runtime API, a context, errors reported.
import type { IncomingMessage } from 'node:http';
import { pathToFileURL } from 'node:url';

// As by `require`: an import would load `fetch` with it, and be counted as part of the function's cold start.
const { Agent, request } = process.getBuiltinModule('node:http');
const agent = new Agent({ keepAlive: true });

async function ask(method: string, path: string, body?: string) {
  const answer = await new Promise<IncomingMessage>((resolve, reject) => {
    const url = `http://${process.env.AWS_LAMBDA_RUNTIME_API}/2018-06-01/runtime/${path}`;
    request(url, { method, agent }, resolve).on('error', reject).end(body);
  });
  const chunks: Buffer[] = [];
  for await (const chunk of answer) chunks.push(chunk);
  return { headers: answer.headers, text: Buffer.concat(chunks).toString() };
}

const describe = (error: unknown) => {
  const { name, message, stack } = error as Error;
  return JSON.stringify({ errorType: name, errorMessage: message, trace: stack?.split('\n') });
};

let handler: (event: unknown, context: unknown) => Promise<unknown>;
try {
  ({ handler } = await import(pathToFileURL(process.argv[2] as string).href));
  if (handler.length > 2) throw new TypeError('Node 24 refuses handlers that take a callback');
} catch (error) {
  await ask('POST', 'init/error', describe(error));
  process.stderr.write(`${(error as Error).stack}\n`);
  process.exit(1);
}

for (;;) {
  const { headers, text } = await ask('GET', 'invocation/next').catch(() => process.exit(0)); // Lambda is gone
  const id = String(headers['lambda-runtime-aws-request-id']);
  const deadline = Number(headers['lambda-runtime-deadline-ms']);
  const context = {
    awsRequestId: id,
    functionName: process.env.AWS_LAMBDA_FUNCTION_NAME,
    invokedFunctionArn: headers['lambda-runtime-invoked-function-arn'],
    getRemainingTimeInMillis: () => deadline - Date.now(),
  };
  const [path, body] = await handler(JSON.parse(text), context).then(
    (answer) => ['response', JSON.stringify(answer ?? null)] as const,
    (error) => ['error', describe(error)] as const,
  );
  await ask('POST', `invocation/${id}/${path}`, body);
}
