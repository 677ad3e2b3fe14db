// Runs the end-to-end checks against a Paperlift that runs already, whatever runs it:
//
//   node test/parity/run.ts --base http://localhost:3000 --token-command 'npm run -s token --' --record one.json
//   node test/parity/run.ts --base http://localhost:3001 --token-command 'npm run -s token --' --compare one.json
//
//   --base           where people open it; the same as its PUBLIC_URL. Its worker and stand-ins (queues, text detector,
//                    identity provider with its people) must run too.
//   --token-command  a command that prints an access token for the address that is added to it
//   --pool           instead of it: the endpoint of the local user pool, with its password in PARITY_POOL_PASSWORD
//   --record         a file for what was answered, without ids, times and nonces
//   --compare        such a file of an earlier run: every answer must be the same byte for byte
//   --only           part of the name of the checks to run
//
// The people need to be those of src/local/people.ts. What is made is left in alice's projects, mostly deleted again.
// Ends with 0 when every check passes and nothing differs; says what does not otherwise, and ends with 1.
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { requestAccessToken } from '../../src/local/access-token.ts';
import { userPoolClientId, userPoolId } from '../../src/local/user-pool.stand-in.ts';
import { findDifferences, runChecks } from './run-checks.ts';

const { values } = parseArgs({
  options: {
    base: { type: 'string' },
    'token-command': { type: 'string' },
    pool: { type: 'string' },
    record: { type: 'string' },
    compare: { type: 'string' },
    only: { type: 'string' },
  },
});
if (!values.base || (!values['token-command'] && !values.pool)) {
  process.stderr.write(
    'Say where: --base http://localhost:3000, and how to get a token: --token-command or --pool\n',
  );
  process.exit(2);
}

async function tokenOf(email: string): Promise<string> {
  if (values['token-command']) {
    const command = `${values['token-command']} ${email}`;
    return execFileSync('/bin/sh', ['-c', command], { encoding: 'utf8' }).trim();
  }
  const pool = {
    endpoint: values.pool as string,
    id: userPoolId,
    clientId: userPoolClientId,
    password: process.env.PARITY_POOL_PASSWORD ?? '',
  };
  return requestAccessToken(pool, email);
}

const startedAt = performance.now();
const results = await runChecks({
  base: new URL(values.base).origin,
  tokenOf,
  ...(values.only ? { only: values.only } : {}),
  onResult({ name, ms, error, answers }) {
    process.stdout.write(`${error ? 'FAILED' : 'ok'}  ${name} (${answers.length} answers, ${ms} ms)\n`);
    if (error) process.stdout.write(`${String(error.stack).replaceAll(/^/gm, '        ')}\n`);
  },
});
const failed = results.filter(({ error }) => error).length;
const answers = results.reduce((count, result) => count + result.answers.length, 0);
const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
process.stdout.write(
  `${results.length - failed} of ${results.length} checks passed, ${answers} answers, ${seconds} s\n`,
);
if (values.record) {
  const recorded = results.map(({ name, answers }) => ({ name, answers }));
  writeFileSync(values.record, JSON.stringify(recorded, null, 1));
}
let differences: string[] = [];
if (values.compare) {
  differences = findDifferences(JSON.parse(readFileSync(values.compare, 'utf8')), results);
  for (const difference of differences) process.stdout.write(`DIFFERS  ${difference}\n`);
  const said = differences.length === 0 ? 'The same, byte for byte' : `${differences.length} differences`;
  process.stdout.write(`${said}, compared with ${values.compare}\n`);
}
process.exit(failed + differences.length > 0 ? 1 : 0);
