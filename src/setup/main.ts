// Creates the table, the bucket and the queues that the environment names, where infra/ does not. Existing ones are
// updated, so that it can run before every start.
import { withSecrets } from '../aws/secrets.ts';
import { loadSetupConfig } from '../config/setup.config.ts';
import { runSetup } from './run-setup.ts';

try {
  await runSetup(loadSetupConfig(await withSecrets(process.env)), (line) =>
    process.stdout.write(`${line}\n`),
  );
} catch (error) {
  const { name, message } = error as Error;
  process.stderr.write(`${name === 'ConfigError' ? message : `${name}: ${message}`}\n`);
  process.exitCode = 1;
}
