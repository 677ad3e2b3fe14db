import assert from 'node:assert/strict';
import type { callAs } from './shown-pages.ts';
import { waitFor } from './wait.ts';

/** Requests an export and downloads it. Fails at once when the request is refused or the export fails. */
export async function exportProject(call: ReturnType<typeof callAs>, projectId: string, format: string) {
  const requested = await call('post', `/projects/${projectId}/exports`).send({ format });
  assert.equal(requested.status, 202, requested.text);
  const id = requested.body.id as string;
  const address = `/projects/${projectId}/exports/${id}`;
  await waitFor(`the export as ${format}`, async () => {
    const { status, failure } = (await call('get', address)).body;
    assert.notEqual(status, 'failed', JSON.stringify(failure));
    return status === 'ready' || undefined;
  });
  const { body, headers } = await call('get', `${address}/file`).responseType('blob');
  return { id, body: body as Buffer, headers };
}
