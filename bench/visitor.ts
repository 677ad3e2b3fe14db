// A signed-in person with a browser's cookie, who creates projects, uploads pages and requests exports.
import { setTimeout as delay } from 'node:timers/promises';
import { signIn } from '../test/support/paperlift.ts';
import type { Scan } from './scans.ts';

export interface ReadPage {
  id: string;
  fileName: string;
  status: string;
  text: string;
  width: number;
  height: number;
  lines: [];
}

/** Often enough to measure seconds, and seldom enough not to take the processor from what is measured. */
const pollMs = 200;
/** The time limit of a benchmark's step. */
const maxMs = 15 * 60_000;

/** Signs in through the identity provider. */
export async function visit(url: string, email: string) {
  const { agent, csrfToken } = await signIn(url, email);
  const access = { domain: 'localhost', path: '/', secure: false, script: false };
  const cookie = agent.jar.getCookies(access).toValueString();
  const headers = { cookie, 'x-csrf-token': csrfToken };

  async function call(method: string, path: string, body?: unknown) {
    const response = await fetch(`${url}/api/v1${path}`, {
      method,
      headers: { ...headers, ...(body ? { 'content-type': 'application/json' } : {}) },
      ...(body ? { body: JSON.stringify(body) } : {}),
    });
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`);
    return response.status === 204 ? undefined : response.json();
  }

  return {
    url,
    /** What a browser of this person sends with every request. */
    headers,
    call,

    async createProject(name: string): Promise<string> {
      return (await call('POST', '/projects', { name })).id;
    },

    async removeProject(projectId: string) {
      await call('DELETE', `/projects/${projectId}`);
    },

    /** All in one form, as a browser sends them. */
    async upload(projectId: string, scans: Scan[]) {
      const form = new FormData();
      for (const { fileName, image } of scans) {
        form.append('files', new Blob([new Uint8Array(image)], { type: 'image/jpeg' }), fileName);
      }
      const path = `${url}/api/v1/projects/${projectId}/pages`;
      const response = await fetch(path, { method: 'POST', headers, body: form });
      if (response.status !== 201) throw new Error(`Upload: ${response.status} ${await response.text()}`);
    },

    /** Resolves when every page of the project is ready. Throws when that takes too long. */
    async waitUntilRead(projectId: string, count: number, timeoutMs = maxMs) {
      const endsAt = performance.now() + timeoutMs;
      for (;;) {
        const { items } = await call('GET', `/projects/${projectId}/pages`);
        const failed = items.find((page: { status: string }) => page.status === 'failed');
        if (failed) throw new Error(`A page failed: ${JSON.stringify(failed.failure)}`);
        if (items.filter((page: { status: string }) => page.status === 'ready').length === count) return;
        if (performance.now() > endsAt)
          throw new Error(`Timed out after ${timeoutMs} ms waiting for ${count} pages`);
        await delay(pollMs);
      }
    },

    async readPages(projectId: string): Promise<ReadPage[]> {
      const { items } = await call('GET', `/projects/${projectId}/pages`);
      return Promise.all(
        items.map((page: { id: string }) => call('GET', `/projects/${projectId}/pages/${page.id}`)),
      );
    },

    async readImage(projectId: string, pageId: string): Promise<Buffer> {
      const path = `${url}/api/v1/projects/${projectId}/pages/${pageId}/image`;
      return Buffer.from(await (await fetch(path, { headers })).arrayBuffer());
    },

    /** Creates an export and waits until it is ready; milliseconds. */
    async timeExport(projectId: string, format: string): Promise<number> {
      const startedAt = performance.now();
      const { id } = await call('POST', `/projects/${projectId}/exports`, { format });
      for (;;) {
        const made = await call('GET', `/projects/${projectId}/exports/${id}`);
        if (made.status === 'ready') return performance.now() - startedAt;
        if (made.status === 'failed') throw new Error(`The export failed: ${JSON.stringify(made.failure)}`);
        if (performance.now() - startedAt > maxMs)
          throw new Error(`Timed out after ${maxMs} ms waiting for an export`);
        await delay(10);
      }
    },
  };
}

export type Visitor = Awaited<ReturnType<typeof visit>>;
