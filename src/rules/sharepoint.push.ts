// SharePoint and OneDrive by Microsoft Graph: a token by client credentials, an upload session, the file in parts.
// https://learn.microsoft.com/graph/api/driveitem-createuploadsession
import * as z from 'zod';
import { type Push, PushFailedError, partsOf } from './file-to-push.ts';
import type { Answer, GuardedRequest } from './guarded-request.ts';

interface Dependencies {
  request: GuardedRequest;
  /** https://graph.microsoft.com, or that of a national cloud. */
  graphUrl: string;
  /** https://login.microsoftonline.com, or that of a national cloud. */
  loginUrl: string;
}

/** A multiple of 320 KiB, as Graph demands. */
const partBytes = 32 * 320 * 1024;

const tokenAnswer = z.object({ access_token: z.string() });
const sessionAnswer = z.object({ uploadUrl: z.url() });

export function createSharepointPush({ request, graphUrl, loginUrl }: Dependencies): Push {
  async function getToken(
    { tenantId, clientId }: { tenantId: string; clientId: string },
    secret: string,
    signal: AbortSignal,
  ) {
    const answer = await request(`${loginUrl}/${encodeURIComponent(tenantId)}/oauth2/v2.0/token`, {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: new URLSearchParams({
        grant_type: 'client_credentials',
        client_id: clientId,
        client_secret: secret,
        scope: `${graphUrl}/.default`,
      }).toString(),
      signal,
    });
    return parse(tokenAnswer, answer, 'The sign-in at Microsoft').access_token;
  }

  return async ({ target, secret = '' }, file, signal) => {
    if (target?.kind !== 'sharepoint') throw new PushFailedError('The target is not SharePoint');
    const token = await getToken(target, secret, signal);
    const path = [...partsOf(target.folder), file.name].map(encodeURIComponent).join('/');
    const drive = `${graphUrl}/v1.0/drives/${encodeURIComponent(target.driveId)}`;
    const answer = await request(`${drive}/root:/${path}:/createUploadSession`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      body: JSON.stringify({ item: { '@microsoft.graph.conflictBehavior': 'replace' } }),
      signal,
    });
    const { uploadUrl } = parse(sessionAnswer, answer, 'Creating the upload');
    let from = 0;
    for await (const part of inParts(await file.open())) {
      const to = from + part.length;
      // the URL is secret enough: Graph refuses a token here
      const { status } = await request(uploadUrl, {
        method: 'PUT',
        headers: {
          'content-length': part.length,
          'content-range': `bytes ${from}-${to - 1}/${file.sizeBytes}`,
        },
        body: part,
        signal,
      });
      const expected = to === file.sizeBytes ? [200, 201] : [202];
      if (!expected.includes(status))
        throw new PushFailedError(`SharePoint answered bytes ${from} to ${to - 1} with ${status}`);
      from = to;
    }
    if (from !== file.sizeBytes) throw new PushFailedError('The file ended early');
  };
}

async function* inParts(body: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let held: Buffer[] = [];
  let length = 0;
  for await (const chunk of body) {
    held.push(chunk);
    length += chunk.length;
    while (length >= partBytes) {
      const all = Buffer.concat(held);
      yield all.subarray(0, partBytes);
      held = [all.subarray(partBytes)];
      length -= partBytes;
    }
  }
  if (length > 0) yield Buffer.concat(held);
}

function parse<Parsed>(schema: z.ZodType<Parsed>, { status, body }: Answer, what: string): Parsed {
  const said = readJson(body);
  const parsed = schema.safeParse(said);
  if (status >= 200 && status < 300 && parsed.success) return parsed.data;
  // Microsoft's codes name the cause without secrets: invalid_client, accessDenied, itemNotFound
  const { error } = said as { error?: unknown };
  const code = typeof error === 'string' ? error : (error as { code?: unknown } | undefined)?.code;
  throw new PushFailedError(`${what} failed: ${status}${typeof code === 'string' ? ` ${code}` : ''}`);
}

function readJson(text: string): object {
  try {
    return Object(JSON.parse(text));
  } catch {
    return {};
  }
}
