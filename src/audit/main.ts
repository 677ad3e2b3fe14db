// Checks an audit trail: `verify <project or person>`. Reads the table only. Exit code 0: intact; 1: not intact, with
// the first wrong entry; 2: no such trail, or invalid arguments.
import { withSecrets } from '../aws/secrets.ts';
import { loadAuditConfig } from '../config/audit.config.ts';
import { runAudit } from './run-audit.ts';

try {
  process.exitCode = await runAudit(loadAuditConfig(await withSecrets(process.env)), process.argv.slice(2));
} catch (error) {
  process.stderr.write(`${(error as Error).message}\n`);
  process.exitCode = 2;
}
