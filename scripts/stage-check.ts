// `npm run stage:check`: waits until a Paperlift at any address is ready, and runs the end-to-end checks of programs against
// it, with a service account's token (docs/pipeline.md). Ends with 1 when a check fails.
import { setTimeout as delay } from 'node:timers/promises';
import { z } from 'zod';
import { programChecks } from '../test/parity/program.checks.ts';
import { runChecks } from '../test/parity/run-checks.ts';

const environment = z.object({
  STAGE_URL: z.url().transform((url) => new URL(url).origin),
  STAGE_TOKEN_URL: z.url(),
  STAGE_CLIENT_ID: z.string().min(1),
  STAGE_CLIENT_SECRET: z.string().min(1),
  /** How long it may take until the site is ready. */
  STAGE_READY_SECONDS: z.coerce.number().positive().default(300),
});

const print = (line: string) => process.stdout.write(`${line}\n`);
const parsed = environment.safeParse(process.env);
if (!parsed.success) {
  for (const { path, message } of parsed.error.issues) print(`${path.join('.')}: ${message}`);
  process.exit(2);
}
const stage = parsed.data;

try {
  await waitUntilReady();
  const token = await requestToken();
  const results = await runChecks({
    base: stage.STAGE_URL,
    tokenOf: async () => token,
    checks: programChecks,
    onResult({ name, ms, error }) {
      print(`${error ? 'FAILED' : 'ok'}  ${name} (${ms} ms)`);
      if (error) print(String(error.stack).replaceAll(/^/gm, '        '));
    },
  });
  const failed = results.filter(({ error }) => error).length;
  print(`${results.length - failed} of ${results.length} checks passed at ${stage.STAGE_URL}`);
  process.exitCode = failed > 0 ? 1 : 0;
} catch (error) {
  print((error as Error).message);
  process.exitCode = 1;
}

async function waitUntilReady() {
  const until = Date.now() + stage.STAGE_READY_SECONDS * 1000;
  for (;;) {
    const said = await fetch(`${stage.STAGE_URL}/health/ready`).then(
      async (answer) => (answer.ok ? undefined : `${answer.status} ${(await answer.text()).slice(0, 200)}`),
      (error: Error) => String(error.cause ?? error.message),
    );
    if (said === undefined) return;
    if (Date.now() > until) throw new Error(`${stage.STAGE_URL} is not ready: ${said}`);
    await delay(2000);
  }
}

/** By client credentials: https://docs.aws.amazon.com/cognito/latest/developerguide/token-endpoint.html */
async function requestToken(): Promise<string> {
  const credentials = Buffer.from(`${stage.STAGE_CLIENT_ID}:${stage.STAGE_CLIENT_SECRET}`);
  const answer = await fetch(stage.STAGE_TOKEN_URL, {
    method: 'POST',
    headers: { authorization: `Basic ${credentials.toString('base64')}` },
    body: new URLSearchParams({ grant_type: 'client_credentials' }),
  });
  const { access_token: token, error } = (await answer.json()) as Record<string, string | undefined>;
  if (!token) throw new Error(`The pool gives no token: ${answer.status} ${error ?? ''}`);
  return token;
}
