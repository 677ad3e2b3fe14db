// `npm run local`: everything on this machine, until Ctrl-C.
import { LocalStackError } from './data-directory.ts';
import { loadLocalConfig } from './local.config.ts';
import { createLocalStack, StoppedWhileStarting } from './local-stack.ts';

const describeToPerson = (line: string) => process.stderr.write(`${line}\n`);
// the terminal may be gone while processes still have to end
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {});

let stack: Stack | undefined;
try {
  const config = loadLocalConfig();
  stack = createLocalStack({ config, print: describeToPerson });
  endOnSignals(stack, config.endWithParent);
  process.stdout.write(presentWelcome(await stack.start()));
} catch (error) {
  await stack?.stop();
  if (error instanceof StoppedWhileStarting) process.exit(0);
  describeToPerson(error instanceof LocalStackError ? error.message : String((error as Error).stack));
  process.exit(1);
}

type Stack = ReturnType<typeof createLocalStack>;
type Welcome = Awaited<ReturnType<Stack['start']>>;

function endOnSignals(stack: Stack, endWithParent: boolean): void {
  const parent = process.ppid;
  let askedAt: number | undefined;
  const end = async () => {
    // one Ctrl-C arrives twice when npm passes it on too
    if (askedAt !== undefined && Date.now() - askedAt < 500) return;
    if (askedAt !== undefined) {
      stack.kill();
      process.exit(130);
    }
    askedAt = Date.now();
    describeToPerson('Stopping … (press Ctrl-C again to stop immediately)');
    await stack.stop();
    process.exit(0);
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, end);
  if (endWithParent) {
    const watching = setInterval(() => {
      if (process.ppid === parent) return;
      clearInterval(watching);
      if (askedAt === undefined) end();
    }, 500);
  }
  process.on('uncaughtException', async (error) => {
    describeToPerson(`A stand-in failed: ${error.stack}`);
    await stack.stop();
    process.exit(1);
  });
}

function presentWelcome({ publicUrl, people, endpoints }: Welcome): string {
  const rows = people.map(
    (person) => `  ${person.email.padEnd(20)}${person.groups.join(', ') || 'no groups (no access)'}`,
  );
  const width = Math.max(20, ...Object.keys(endpoints).map(({ length }) => length + 2));
  const stands = Object.entries(endpoints).map(([name, endpoint]) => `  ${name.padEnd(width)}${endpoint}`);
  return [
    `Paperlift is ready at ${publicUrl}`,
    '',
    'Sign in as',
    ...rows,
    'Stand-ins',
    ...stands,
    'Press Ctrl-C to stop everything. Your data is kept.',
    '',
  ].join('\n');
}
