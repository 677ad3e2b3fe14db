// A real SSH server that speaks SFTP, with its files in memory. It is strict: no file without its folder, no rename over a file.
import { createHash, generateKeyPairSync } from 'node:crypto';
import type { AddressInfo } from 'node:net';
import ssh2, { type Attributes, type Connection, type SFTPWrapper } from 'ssh2';

const { Server, utils } = ssh2;
const { STATUS_CODE } = utils.sftp;
const isFile: Attributes = { mode: 0o100644, uid: 0, gid: 0, size: 0, atime: 0, mtime: 0 };
const isFolder: Attributes = { ...isFile, mode: 0o040755 };

export async function startSftpServer({
  user,
  password,
  privateKey: allowedKey,
}: {
  user: string;
  password: string;
  privateKey?: string;
}) {
  const { privateKey } = generateKeyPairSync('rsa', {
    modulusLength: 2048,
    publicKeyEncoding: { type: 'pkcs1', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs1', format: 'pem' },
  });
  const key = utils.parseKey(privateKey);
  if (key instanceof Error) throw key;
  const files = new Map<string, Buffer>();
  const folders = new Set(['', '/']);
  const tried: string[] = [];
  const connections = new Set<Connection>();
  /** Bytes after which the connection is cut. */
  let cutAfter = Number.POSITIVE_INFINITY;

  const server = new Server({ hostKeys: [privateKey] }, (client) => {
    connections.add(client);
    client.on('error', () => {});
    client.on('authentication', (context) => {
      if (context.username !== user) return context.reject(['password', 'publickey']);
      if (context.method === 'password') {
        tried.push('password');
        return context.password === password ? context.accept() : context.reject(['password', 'publickey']);
      }
      const allowed = allowedKey ? utils.parseKey(allowedKey) : undefined;
      if (context.method === 'publickey' && allowed && !(allowed instanceof Error)) {
        const isSame = context.key.data.equals(allowed.getPublicSSH());
        const { signature, blob, hashAlgo } = context;
        if (isSame && (!signature || allowed.verify(blob as Buffer, signature, hashAlgo) === true)) {
          tried.push('publickey');
          return context.accept();
        }
      }
      context.reject(['password', 'publickey']);
    });
    client.on('session', (accept) => {
      accept().on('sftp', (acceptSftp) => serve(acceptSftp(), client));
    });
  });

  function serve(sftp: SFTPWrapper, client: Connection) {
    const handles: { path: string; parts: Part[] }[] = [];
    const plain = (path: string) => path.replace(/^\//, '').replace(/\/$/, '');
    const parentOf = (path: string) => plain(path).split('/').slice(0, -1).join('/');
    const ok = (id: number) => sftp.status(id, STATUS_CODE.OK);
    const fail = (id: number, code = STATUS_CODE.FAILURE) => sftp.status(id, code);
    const stat = (id: number, path: string) => {
      const found = files.get(plain(path));
      if (found) sftp.attrs(id, { ...isFile, size: found.length });
      else if (folders.has(plain(path))) sftp.attrs(id, isFolder);
      else fail(id, STATUS_CODE.NO_SUCH_FILE);
    };
    sftp.on('STAT', stat).on('LSTAT', stat);
    sftp.on('OPEN', (id, path) => {
      if (!folders.has(parentOf(path))) return fail(id, STATUS_CODE.NO_SUCH_FILE);
      handles.push({ path: plain(path), parts: [] });
      sftp.handle(id, Buffer.from([handles.length - 1]));
    });
    sftp.on('FSETSTAT', ok);
    sftp.on('SETSTAT', ok);
    sftp.on('WRITE', (id, handle, offset, data) => {
      const open = handles[handle[0] ?? 0];
      open?.parts.push({ offset, data: Buffer.from(data) });
      cutAfter -= data.length;
      if (cutAfter < 0) return client.end();
      ok(id);
    });
    sftp.on('CLOSE', (id, handle) => {
      const open = handles[handle[0] ?? 0];
      if (open) files.set(open.path, joinParts(open.parts));
      ok(id);
    });
    sftp.on('MKDIR', (id, path) => {
      if (!folders.has(parentOf(path)) || folders.has(plain(path))) return fail(id);
      folders.add(plain(path));
      ok(id);
    });
    sftp.on('REMOVE', (id, path) =>
      files.delete(plain(path)) ? ok(id) : fail(id, STATUS_CODE.NO_SUCH_FILE),
    );
    sftp.on('RENAME', (id, from, to) => {
      const moved = files.get(plain(from));
      if (!moved || files.has(plain(to))) return fail(id);
      files.delete(plain(from));
      files.set(plain(to), moved);
      ok(id);
    });
  }

  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    hostKey: `SHA256:${createHash('sha256').update(key.getPublicSSH()).digest('base64').replace(/=+$/, '')}`,
    files,
    folders,
    /** How people signed in, or tried to. */
    tried,
    cutAfter: (bytes: number) => {
      cutAfter = bytes;
    },
    async stop() {
      for (const client of connections) client.end();
      server.close();
    },
  };
}

interface Part {
  offset: number;
  data: Buffer;
}

/** Parts may come in any order: each belongs where its offset says. */
function joinParts(parts: Part[]): Buffer {
  const bytes = Buffer.alloc(Math.max(0, ...parts.map(({ offset, data }) => offset + data.length)));
  for (const { offset, data } of parts) data.copy(bytes, offset);
  return bytes;
}
