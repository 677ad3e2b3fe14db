// `npm run -s token -- carol@example.com`: prints an access token of the running local stack, and nothing else.
import { requestAccessToken } from './access-token.ts';
import { LocalStackError, readRunning } from './data-directory.ts';
import { loadLocalConfig } from './local.config.ts';
import { localPeople } from './people.ts';

try {
  process.stdout.write(`${await printableToken(process.argv[2])}\n`);
} catch (error) {
  process.stderr.write(`${error instanceof LocalStackError ? error.message : (error as Error).stack}\n`);
  process.exitCode = 1;
}

async function printableToken(email: string | undefined): Promise<string> {
  const known = localPeople.map((person) => person.email).join(', ');
  if (!email) throw new LocalStackError(`Usage: npm run -s token -- carol@example.com (one of: ${known})`);
  const { dataDirectory } = loadLocalConfig();
  const running = await readRunning(dataDirectory);
  if (!running) {
    throw new LocalStackError(`No local stack is running on ${dataDirectory}. Start one with: npm run local`);
  }
  try {
    return await requestAccessToken(running.userPool, email);
  } catch (error) {
    if ((error as Error).name !== 'NotAuthorizedException') throw error;
    throw new LocalStackError(
      `No user in the user pool has the email address ${JSON.stringify(email)}. Available: ${known}`,
    );
  }
}
