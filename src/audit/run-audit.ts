import { createDatabase } from '../aws/dynamodb.client.ts';
import type { AuditConfig } from '../config/audit.config.ts';
import { runAuditCommand } from './audit.command.ts';
import { createAuditStore } from './audit.store.ts';

/** Runs a command line against a table and prints the result. Returns the exit code. */
export async function runAudit({ table, ...access }: AuditConfig, commandLine: string[]): Promise<number> {
  const database = createDatabase(access);
  try {
    const trails = createAuditStore({ documents: database.documents, table });
    const { text, exitCode } = await runAuditCommand(trails, commandLine);
    process.stdout.write(`${text}\n`);
    return exitCode;
  } finally {
    database.destroy();
  }
}
