// WebDAV (RFC 4918): the folders of the URL are made, the file is put.
import { type Push, PushFailedError } from './file-to-push.ts';
import type { GuardedRequest } from './guarded-request.ts';

export function createWebdavPush({ request }: { request: GuardedRequest }): Push {
  return async ({ target, secret = '' }, file, signal) => {
    if (target?.kind !== 'webdav') throw new PushFailedError('The target is not WebDAV');
    const authorization = `Basic ${Buffer.from(`${target.user}:${secret}`).toString('base64')}`;
    const folder = target.url.endsWith('/') ? target.url : `${target.url}/`;
    await makeFolder(folder, authorization, signal);
    const { status } = await request(new URL(encodeURIComponent(file.name), folder).href, {
      method: 'PUT',
      headers: { authorization, 'content-type': file.contentType, 'content-length': file.sizeBytes },
      body: await file.open(),
      signal,
    });
    if (![200, 201, 204].includes(status))
      throw new PushFailedError(`The server answered PUT with ${status}`);
  };

  /** What is there already is 405, a missing parent 409 (RFC 4918 9.3.1). Where folders may not be made, PUT says so. */
  async function makeFolder(folder: string, authorization: string, signal: AbortSignal) {
    const headers = { authorization, 'content-length': 0 };
    const { status } = await request(folder, { method: 'MKCOL', headers, signal });
    if (status === 401) throw new PushFailedError('The server refuses the user name or password (401)');
    const { pathname } = new URL(folder);
    if (status !== 409 || pathname === '/') return;
    await makeFolder(new URL('../', folder).href, authorization, signal);
    await request(folder, { method: 'MKCOL', headers, signal });
  }
}
