// A WebDAV server for PUT and MKCOL that follows RFC 4918 to the letter: no file or folder without its parent, no folder twice.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';

export async function startWebdavServer({ user, password }: { user: string; password: string }) {
  const files = new Map<string, Buffer>();
  const folders = new Set(['/', '/dav/']);
  const calls: string[] = [];
  let status: number | undefined;
  const authorization = `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;
  const server = createServer(async (request, response) => {
    const { method = '', url = '' } = request;
    calls.push(`${method} ${url}`);
    const answer = (code: number) => response.writeHead(code).end();
    const body = await buffer(request).catch(() => Buffer.alloc(0));
    if (request.headers.authorization !== authorization) return answer(401);
    if (status) return answer(status);
    const parent = url.replace(/[^/]+\/?$/, '');
    if (!folders.has(parent)) return answer(409);
    if (method === 'MKCOL') {
      const folder = url.endsWith('/') ? url : `${url}/`;
      if (folders.has(folder)) return answer(405);
      if (body.length > 0) return answer(415);
      folders.add(folder);
      return answer(201);
    }
    if (method !== 'PUT') return answer(501);
    if (url.endsWith('/')) return answer(405);
    const isNew = !files.has(url);
    files.set(url, body);
    answer(isNew ? 201 : 204);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/dav/`,
    files,
    calls,
    /** Answers everything with this. */
    setStatus: (code: number | undefined) => {
      status = code;
    },
    async stop() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
