// `npm run audit -- verify <project or person>`: checks a trail in the environment's table, or in the running local
// stack's. Exit codes: src/audit/main.ts.
import { runAudit } from '../audit/run-audit.ts';
import { loadAuditConfig } from '../config/audit.config.ts';
import { LocalStackError, readRunning } from './data-directory.ts';
import { loadLocalConfig } from './local.config.ts';

try {
  process.exitCode = await runAudit(await findTable(), process.argv.slice(2));
} catch (error) {
  process.stderr.write(`${(error as Error).message}\n`);
  process.exitCode = 2;
}

async function findTable() {
  if (process.env.DYNAMODB_TABLE) return loadAuditConfig(process.env);
  const { dataDirectory } = loadLocalConfig();
  const running = await readRunning(dataDirectory);
  if (!running) {
    throw new LocalStackError(
      `DYNAMODB_TABLE is not set, and no local stack is running on ${dataDirectory}.`,
    );
  }
  process.env.AWS_ACCESS_KEY_ID = 'local'; // the stand-in takes any
  process.env.AWS_SECRET_ACCESS_KEY = 'local';
  return running.database;
}
