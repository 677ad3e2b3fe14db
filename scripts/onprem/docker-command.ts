// Does what the documentation's `docker` commands ask for: `docker compose` and `docker run`, as far as it uses them.
import { readFileSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { join, resolve } from 'node:path';
import { PassThrough, type Readable, type Writable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { parseEnv } from 'node:util';
import { type ComposeFile, readComposeFiles } from '../compose/compose-file.ts';
import { startContainer } from './container.ts';
import type { Stack } from './stack.ts';

interface Invocation {
  args: string[];
  directory: string;
  input: Readable;
  output: Writable;
  errors: Writable;
}

interface DockerOptions {
  stack: Stack;
  /** The Compose file's `name`. */
  project: string;
  directory: string;
}

/** Answers docker-client.ts at this socket. */
export async function serveDocker(socket: string, options: DockerOptions) {
  const server = createServer((request, response) => void answer(request, response, options));
  await new Promise<void>((resolve) => server.listen(socket, resolve));
  return { close: () => server.close() };
}

async function answer(request: IncomingMessage, response: ServerResponse, options: DockerOptions) {
  const { args, directory } = JSON.parse(decodeURIComponent(String(request.headers['x-command'])));
  const errors = new PassThrough();
  const said = text(errors);
  response.writeHead(200, { trailer: 'x-code, x-errors' });
  let code: number | null;
  try {
    code = await runDocker({ args, directory, input: request, output: response, errors }, options);
  } catch (error) {
    errors.write(`${(error as Error).message}\n`);
    code = 1;
  }
  errors.end();
  response.addTrailers({
    'x-code': String(code ?? 1),
    'x-errors': encodeURIComponent((await said).slice(-4000)),
  });
  response.end();
}

async function runDocker(invocation: Invocation, options: DockerOptions): Promise<number | null> {
  const [command, ...rest] = invocation.args;
  if (command === 'compose') return runCompose({ ...invocation, args: rest }, options.stack);
  if (command === 'run') return runOnce({ ...invocation, args: rest }, options);
  throw new Error(`the check has no docker ${command}`);
}

async function runCompose({ args, directory, input, output, errors }: Invocation, stack: Stack) {
  const files: string[] = [];
  let env: Record<string, string> = {};
  while (args[0]?.startsWith('-')) {
    const [option, value = ''] = args.splice(0, 2);
    if (option === '-f') files.push(resolve(directory, value));
    else if (option === '--env-file') env = parseEnv(readFileSync(value, 'utf8')) as Record<string, string>;
    else throw new Error(`the check has no docker compose ${option}`);
  }
  const [verb, ...rest] = args;
  const names = rest.filter((word) => !word.startsWith('-'));
  const file = (): ComposeFile => readComposeFiles(files, env);
  switch (verb) {
    case 'up':
      if (rest.includes('--no-start')) {
        for (const volume of file().volumes) await mkdir(stack.volumeFolder(volume), { recursive: true });
      } else await stack.up(file(), names, env.COMPOSE_PROFILES?.split(',') ?? []);
      return 0;
    case 'run': {
      const [option, service = '', ...command] = rest;
      if (option !== '--rm') throw new Error(`the check has no docker compose run ${option}`);
      const { code, lines } = await stack.runOnce(service, command);
      (code === 0 ? output : errors).write(lines.map((line) => `${line}\n`).join(''));
      return code;
    }
    case 'stop':
      await stack.stop(names);
      return 0;
    case 'logs':
      for (const name of names) for (const line of stack.logs(name)) output.write(`${name}  | ${line}\n`);
      return 0;
    case 'exec': {
      const isPiped = rest[0] === '-T';
      const [service = '', ...command] = isPiped ? rest.slice(1) : rest;
      return stack.execute(service, command, { output, errors, ...(isPiped && { input }) });
    }
    default:
      throw new Error(`the check has no docker compose ${verb}`);
  }
}

/** `docker run --rm -v source:target[:ro] … image command …`, with the machine's own programs. */
async function runOnce({ args, output, errors }: Invocation, { stack, project, directory }: DockerOptions) {
  const mounts = [];
  const words = [...args];
  while (words[0]?.startsWith('-')) {
    const option = words.shift();
    if (option === '--rm') continue;
    if (option !== '-v') throw new Error(`the check has no docker run ${option}`);
    const [source = '', target = '', mode] = (words.shift() ?? '').split(':');
    const prefix = `${project}_`;
    const path = source.startsWith(prefix) ? stack.volumeFolder(source.slice(prefix.length)) : source;
    mounts.push({ source: path, target, readOnly: mode === 'ro' });
  }
  const [_image, ...command] = words;
  const container = startContainer({
    name: 'run',
    command,
    env: { PATH: '/usr/bin:/bin' },
    hosts: '127.0.0.1 localhost\n',
    mounts,
    layers: join(directory, 'layers/run'),
    log: join(directory, 'logs/run.log'),
  });
  const code = await container.exited;
  (code === 0 ? output : errors).write(container.lines.map((line) => `${line}\n`).join(''));
  return code;
}
