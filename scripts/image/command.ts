// Runs the programs that build and inspect an image.
import { spawn } from 'node:child_process';
import { createWriteStream } from 'node:fs';

export interface CommandOptions {
  /** A file to which the program's output is appended. */
  log?: string;
  env?: Record<string, string | undefined>;
}

/** Runs a program and returns its standard output. Throws an Error with the end of its output when it fails. */
export async function runCommand(
  command: string,
  args: string[],
  options: CommandOptions = {},
): Promise<string> {
  const child = spawn(command, args, {
    env: options.env ?? process.env,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const log = options.log ? createWriteStream(options.log, { flags: 'a' }) : undefined;
  const chunks: Buffer[] = [];
  let recent = '';
  const keep = (chunk: Buffer) => {
    recent = (recent + chunk).slice(-4000);
    log?.write(chunk);
  };
  child.stdout.on('data', (chunk: Buffer) => {
    chunks.push(chunk);
    keep(chunk);
  });
  child.stderr.on('data', keep);
  const { promise, resolve, reject } = Promise.withResolvers<number | null>();
  child.on('error', reject);
  child.on('close', resolve);
  const code = await promise.finally(() => log?.end());
  if (code !== 0) throw new Error(`${command} ${args.join(' ')} ended with ${code}:\n${recent.trim()}`);
  return Buffer.concat(chunks).toString();
}
