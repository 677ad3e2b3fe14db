// The part of Microsoft Graph by which files come into a document library, in its documented shapes: a token, an upload session, parts
// in their order. https://learn.microsoft.com/graph/api/driveitem-createuploadsession
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';

const partStep = 320 * 1024;

export async function startGraphServer({
  tenantId,
  clientId,
  secret,
}: {
  tenantId: string;
  clientId: string;
  secret: string;
}) {
  const files = new Map<string, Buffer>();
  const parts: string[] = [];
  const sessions = new Map<string, { path: string; received: Buffer }>();
  let url = '';
  const server = createServer(async (request, response) => {
    const body = await buffer(request);
    const send = (status: number, answer: object) => {
      response.writeHead(status, { 'content-type': 'application/json' });
      response.end(JSON.stringify(answer));
    };
    const path = decodeURIComponent(new URL(request.url ?? '', url).pathname);
    if (path === `/${tenantId}/oauth2/v2.0/token`) {
      const form = new URLSearchParams(body.toString());
      const isRight =
        form.get('grant_type') === 'client_credentials' &&
        form.get('client_id') === clientId &&
        form.get('client_secret') === secret &&
        form.get('scope') === `${url}/.default`;
      return isRight
        ? send(200, { token_type: 'Bearer', expires_in: 3599, access_token: 'token' })
        : send(401, {
            error: 'invalid_client',
            error_description: 'AADSTS7000215: Invalid client secret provided.',
          });
    }
    const [, session] = /^\/upload\/(\d+)$/.exec(path) ?? [];
    if (session) {
      const open = sessions.get(session);
      if (request.headers.authorization) return send(401, { error: { code: 'unauthenticated' } });
      const [, from, to, total] =
        /^bytes (\d+)-(\d+)\/(\d+)$/.exec(String(request.headers['content-range'])) ?? [];
      const isLast = Number(to) + 1 === Number(total);
      const isInOrder =
        open && Number(from) === open.received.length && body.length === Number(to) - Number(from) + 1;
      if (!open || !isInOrder || (!isLast && body.length % partStep !== 0))
        return send(416, { error: { code: 'invalidRange' } });
      parts.push(`${from}-${to}`);
      open.received = Buffer.concat([open.received, body]);
      if (!isLast) return send(202, { nextExpectedRanges: [`${Number(to) + 1}-`] });
      files.set(open.path, open.received);
      return send(201, { id: '01NKDM7HMOJTVYMDOSXFDK2QJDXCDI3WUK', name: open.path.split('/').at(-1) });
    }
    if (request.headers.authorization !== 'Bearer token')
      return send(401, { error: { code: 'InvalidAuthenticationToken' } });
    const [, drive, item] = /^\/v1\.0\/drives\/([^/]+)\/root:\/(.+):\/createUploadSession$/.exec(path) ?? [];
    if (drive !== 'b!drive')
      return send(404, { error: { code: 'itemNotFound', message: 'The resource could not be found.' } });
    const { item: wanted } = JSON.parse(body.toString());
    if (wanted?.['@microsoft.graph.conflictBehavior'] !== 'replace')
      return send(409, { error: { code: 'nameAlreadyExists' } });
    const id = String(sessions.size + 1);
    sessions.set(id, { path: item ?? '', received: Buffer.alloc(0) });
    send(200, { uploadUrl: `${url}/upload/${id}`, expirationDateTime: '2030-01-01T00:00:00.000Z' });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url,
    files,
    /** The ranges of bytes that came. */
    parts,
    async stop() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
