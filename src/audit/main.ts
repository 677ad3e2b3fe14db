// Says whether an audit trail is as it was written, or names the first entry that is not: `verify <project or person>`.
// Reads the table alone. Exit code 0: intact; 1: not; 2: no such trail, or asked wrongly.
import { withSecrets } from '../aws/secrets.ts';
import { loadAuditConfig } from '../config/config.ts';
import { runAudit } from './run-audit.ts';

try {
  process.exitCode = await runAudit(loadAuditConfig(await withSecrets(process.env)), process.argv.slice(2));
} catch (error) {
  process.stderr.write(`${(error as Error).message}\n`);
  process.exitCode = 2;
}
