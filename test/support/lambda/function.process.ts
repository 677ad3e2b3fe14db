// A function's runtime without Lambda: loads the module of argv and gives its `handler` one event after the other. It does
// what aws-lambda-ric does, as far as tests need it: HTTP to the runtime API, a context, errors reported.
import { get, type IncomingMessage } from 'node:http';
import { json } from 'node:stream/consumers';
import { pathToFileURL } from 'node:url';

const api = `http://${process.env.AWS_LAMBDA_RUNTIME_API}/2018-06-01/runtime`;
const post = (path: string, body: string) => fetch(`${api}/${path}`, { method: 'POST', body });
const describe = (error: unknown) => {
  const { name, message, stack } = error as Error;
  return JSON.stringify({ errorType: name, errorMessage: message, trace: stack?.split('\n') });
};

let handler: (event: unknown, context: unknown) => Promise<unknown>;
try {
  ({ handler } = await import(pathToFileURL(process.argv[2] as string).href));
  if (handler.length > 2) throw new TypeError('Node 24 refuses handlers that take a callback');
} catch (error) {
  await post('init/error', describe(error));
  process.stderr.write(`${(error as Error).stack}\n`);
  process.exit(1);
}

for (;;) {
  const next = await askForNext();
  const id = String(next.headers['lambda-runtime-aws-request-id']);
  const deadline = Number(next.headers['lambda-runtime-deadline-ms']);
  const context = {
    awsRequestId: id,
    functionName: process.env.AWS_LAMBDA_FUNCTION_NAME,
    invokedFunctionArn: next.headers['lambda-runtime-invoked-function-arn'],
    getRemainingTimeInMillis: () => deadline - Date.now(),
  };
  const [path, body] = await handler(await json(next), context).then(
    (answer) => ['response', JSON.stringify(answer ?? null)] as const,
    (error) => ['error', describe(error)] as const,
  );
  await post(`invocation/${id}/${path}`, body).then((answer) => answer.arrayBuffer());
}

/** Waits as long as it takes, which `fetch` does not. */
function askForNext(): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    get(`${api}/invocation/next`, { agent: false }, resolve).on('error', reject);
  });
}
