// `npm run audit -- verify <project or person>`: says whether a trail is as it was written, or names the first entry that
// is not. Exit code 0: intact; 1: not; 2: no such trail, or asked wrongly.
import { compose } from '../compose.ts';
import { loadConfig } from '../config.ts';
import { createLogger } from '../logger.ts';
import { runAuditCommand } from './audit.command.ts';

const services = compose(loadConfig(process.env), { logger: createLogger({ level: 'silent' }) });
try {
  const { text, exitCode } = await runAuditCommand(services.audit, process.argv.slice(2));
  process.stdout.write(`${text}\n`);
  process.exitCode = exitCode;
} finally {
  services.destroy();
}
