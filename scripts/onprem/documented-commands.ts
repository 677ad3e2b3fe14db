// The shell commands of docs/on-prem.md, run as they are written there.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { text } from 'node:stream/consumers';
import { quote } from './container.ts';

const page = resolve(import.meta.dirname, '../../docs/on-prem.md');

/** The shell blocks below a heading, in their order. Throws when there are none. */
export function readCommands(heading: string): string[] {
  const section = new RegExp(`^## ${heading}\n([\\s\\S]*?)(?=^## |(?![\\s\\S]))`, 'm').exec(
    readFileSync(page, 'utf8'),
  )?.[1];
  const blocks = [...(section ?? '').matchAll(/^( *)```sh\n([\s\S]*?)^ *```/gm)].map(
    ([, indent = '', block = '']) => block.replaceAll(new RegExp(`^${indent}`, 'gm'), ''),
  );
  if (blocks.length === 0) throw new Error(`docs/on-prem.md has no commands below "${heading}"`);
  return blocks;
}

interface ShellOptions {
  directory: string;
  socket: string;
  /** What `editor FILE` does to the file: a sed script. */
  edits: string;
  /** What to put in for the words in angle brackets. */
  placeholders: Record<string, string>;
}

/** A shell whose `docker`, `sudo` and `editor` are the check's own. */
export async function createShell({ directory, socket, edits, placeholders }: ShellOptions) {
  const programs = join(directory, 'programs');
  await mkdir(programs, { recursive: true });
  const client = resolve(import.meta.dirname, 'docker-client.ts');
  for (const [name, script] of Object.entries({
    docker: `exec ${quote(process.execPath)} ${quote(client)} "$@"`,
    sudo: 'exec "$@"',
    editor: `exec sed -i -e ${quote(edits)} "$1"`,
  })) {
    await writeFile(join(programs, name), `#!/bin/sh\n${script}\n`);
    await chmod(join(programs, name), 0o755);
  }
  const alias = readCommands('From an empty server to the first page')
    .join('\n')
    .match(/^alias paperlift-compose=.*$/m)?.[0];

  /** Runs a block and returns its output. Throws with it when a command fails. */
  return async function run(block: string, where = '/'): Promise<string> {
    const script = block.replaceAll(/<([^<>\n]+)>/g, (all, words: string) => placeholders[words] ?? all);
    const child = spawn('bash', ['-c', `set -euo pipefail; shopt -s expand_aliases\n${alias}\n${script}`], {
      cwd: where,
      env: { ...process.env, PATH: `${programs}:${process.env.PATH}`, ONPREM_DOCKER_SOCKET: socket },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const [output, errors, [code]] = await Promise.all([
      text(child.stdout),
      text(child.stderr),
      once(child, 'close'),
    ]);
    if (code !== 0) throw new Error(`These commands ended with ${code}:\n${script}\n${output}${errors}`);
    return output + errors;
  };
}

export type Shell = Awaited<ReturnType<typeof createShell>>;
