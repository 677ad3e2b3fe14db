// SFTP. The host key is pinned, and the file appears under its name only when it is complete.
import { createHash } from 'node:crypto';
import { connect, type Socket } from 'node:net';
import ssh2, { type Client, type SFTPWrapper } from 'ssh2';
import { createGuardedLookup, refuseLiteral } from '../events/address-guard.ts';
import { type Push, PushFailedError, partsOf } from './file-to-push.ts';

const readyMs = 20_000;
/** What every server takes in one packet. */
const writeBytes = 32 * 1024;
const writesAtOnce = 16;

export function createSftpPush({ allowPrivate }: { allowPrivate: boolean }): Push {
  const lookup = createGuardedLookup(allowPrivate);

  function openSocket({ host, port }: { host: string; port: number }, signal: AbortSignal): Promise<Socket> {
    const refused = refuseLiteral(host, allowPrivate);
    if (refused) throw new PushFailedError(refused);
    return new Promise((resolve, reject) => {
      const socket = connect({ host, port, lookup, signal } as never);
      socket.setTimeout(readyMs, () => socket.destroy(new PushFailedError('The server is silent')));
      socket.setNoDelay(true); // else each small packet waits for the answer to the one before
      socket.once('error', reject);
      socket.once('connect', () => resolve(socket));
    });
  }

  return async ({ target, secret = '' }, file, signal) => {
    if (target?.kind !== 'sftp') throw new PushFailedError('The target is not SFTP');
    const socket = await openSocket(target, signal);
    const client = new ssh2.Client();
    const ended = new AbortController();
    const stopped = AbortSignal.any([signal, ended.signal]);
    // what waits for an answer of SFTP is told nothing when the connection ends
    const broken = new Promise<never>((_, reject) => {
      stopped.addEventListener('abort', () => reject(stopped.reason));
    });
    broken.catch(() => {});
    client.once('close', () => ended.abort(new PushFailedError('The server closed the connection')));
    const put = async () => {
      await signIn(client, { sock: socket, user: target.user, secret, hostKey: target.hostKey });
      const sftp = await ask<SFTPWrapper>((done) => client.sftp(done));
      const path = (await makeFolders(sftp, target.folder)) + file.name;
      const partial = `${path}.part`;
      await write(sftp, partial, await file.open(), stopped);
      await replace(sftp, partial, path);
    };
    try {
      await Promise.race([put(), broken]);
    } finally {
      client.end();
      socket.destroy();
    }
  };
}

function signIn(
  client: Client,
  { sock, user, secret, hostKey }: { sock: Socket; user: string; secret: string; hostKey: string },
): Promise<void> {
  let shown = '';
  return new Promise((resolve, reject) => {
    client.once('ready', resolve);
    client.on('error', (error) =>
      reject(
        shown && shown !== hostKey
          ? new PushFailedError(`The server’s key is ${shown}, not the one of this rule`)
          : error,
      ),
    );
    client.connect({
      sock,
      username: user,
      ...(/^-----BEGIN /.test(secret) ? { privateKey: secret } : { password: secret }),
      readyTimeout: readyMs,
      hostVerifier: (key: Buffer) => {
        shown = fingerprintOf(key);
        return shown === hostKey;
      },
    });
  });
}

/** As `ssh-keygen -lf` prints it. */
const fingerprintOf = (key: Buffer) =>
  `SHA256:${createHash('sha256').update(key).digest('base64').replace(/=+$/, '')}`;

/** Makes the folders that are missing, below the one where the server begins. Returns the path, with its slash. */
async function makeFolders(sftp: SFTPWrapper, folder: string): Promise<string> {
  let path = folder.startsWith('/') ? '/' : '';
  for (const part of partsOf(folder)) {
    path += `${part}/`;
    const isThere = await ask((done) => sftp.stat(path, done)).then(
      () => true,
      () => false,
    );
    if (!isThere) await ask<void>((done) => sftp.mkdir(path, done));
  }
  return path;
}

/** Several parts are on their way at a time: a stream of SFTP would wait for the answer to each. */
async function write(sftp: SFTPWrapper, path: string, body: AsyncIterable<Buffer>, signal: AbortSignal) {
  const handle = await ask<Buffer>((done) => sftp.open(path, 'w', done));
  const writing = new Set<Promise<void>>();
  let at = 0;
  for await (const chunk of body) {
    for (let from = 0; from < chunk.length; from += writeBytes) {
      signal.throwIfAborted();
      const part = chunk.subarray(from, from + writeBytes);
      const position = at + from;
      if (writing.size >= writesAtOnce) await Promise.race(writing);
      const one = ask<void>((done) => sftp.write(handle, part, 0, part.length, position, done));
      writing.add(one);
      one.then(() => writing.delete(one)).catch(() => {});
    }
    at += chunk.length;
  }
  await Promise.all(writing);
  await ask<void>((done) => sftp.close(handle, done));
}

/** Atomically where the server can (posix-rename@openssh.com); SFTP's own rename replaces nothing. */
async function replace(sftp: SFTPWrapper, from: string, to: string) {
  const isRenamed = await ask<void>((done) => sftp.ext_openssh_rename(from, to, done)).then(
    () => true,
    () => false,
  );
  if (isRenamed) return;
  await ask<void>((done) => sftp.unlink(to, done)).catch(() => {}); // it may not be there
  await ask<void>((done) => sftp.rename(from, to, done));
}

function ask<T>(call: (done: (error: Error | null | undefined, value: T) => void) => void): Promise<T> {
  return new Promise((resolve, reject) => {
    call((error, value) => (error ? reject(error) : resolve(value)));
  });
}
