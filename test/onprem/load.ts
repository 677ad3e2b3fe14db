// Somebody who adds pages without a pause, and what has to be true of them afterwards.
import assert from 'node:assert/strict';
import { setTimeout as delay } from 'node:timers/promises';
import { sampleFiles } from '../parity/sample-files.ts';
import { createProject, type Person } from '../parity/site.ts';
import { waitFor } from '../support/wait.ts';

const everyMs = 400;
const maxPages = 12;

interface Item {
  id: string;
  status: string;
  failure?: { message?: string };
}

export interface Load {
  projectId: string;
  /** Ids of pages whose upload was answered with 201. */
  accepted: string[];
  /** Answers other than that, and connections that broke. */
  refused: Map<string, number>;
  stop(): Promise<void>;
}

/** Begins to add pages to a new project. */
export async function startLoad(person: Person, name: string): Promise<Load> {
  const { short } = await sampleFiles();
  const projectId = await createProject(person, name);
  const accepted: string[] = [];
  const refused = new Map<string, number>();
  const running: Promise<void>[] = [];
  let isOn = true;

  async function add(): Promise<void> {
    const parts = [{ name: 'files', ...short }];
    const outcome = await person.api('POST', `/projects/${projectId}/pages`, { parts, quiet: true }).then(
      (answer) => {
        // the proxy's own answers have no body
        if (answer.status !== 201) return `${answer.status} ${answer.text && answer.json.code}`.trim();
        accepted.push(answer.json.items[0].id);
        return undefined;
      },
      (error: Error) => error.message.replace(/^.*: /, ''),
    );
    if (outcome) refused.set(outcome, (refused.get(outcome) ?? 0) + 1);
  }

  const adding = (async () => {
    while (isOn && accepted.length < maxPages) {
      running.push(add());
      await delay(everyMs);
    }
  })();

  return {
    projectId,
    accepted,
    refused,
    async stop() {
      isOn = false;
      await adding;
      await Promise.all(running);
    },
  };
}

/** Waits until every page is final. Throws unless each accepted page is there once, and read or failed with a reason. */
export async function assertAccepted(person: Person, { projectId, accepted }: Load) {
  const items = await waitFor(
    'every accepted page to be final',
    async () => {
      const answer = await person.api('GET', `/projects/${projectId}/pages`, { quiet: true });
      assert.equal(answer.status, 200, answer.text);
      const pages = answer.json.items as Item[];
      return pages.every(({ status }) => ['ready', 'failed'].includes(status)) ? pages : undefined;
    },
    420_000,
  );
  const ids = items.map(({ id }) => id);
  assert.equal(new Set(ids).size, ids.length, 'no page is there twice');
  const missing = accepted.filter((id) => !ids.includes(id));
  assert.deepEqual(missing, [], 'every accepted page is there');
  const failed = items.filter(({ status }) => status === 'failed');
  for (const { id, failure } of failed) assert.ok(failure?.message, `${id} failed without a reason`);
  for (const { id } of items.filter(({ status }) => status === 'ready')) {
    const { json } = await person.api('GET', `/projects/${projectId}/pages/${id}`, { quiet: true });
    assert.equal(json.text.trim(), 'Short note');
  }
  return {
    ready: items.length - failed.length,
    failed: failed.map(({ failure }) => failure?.message as string),
  };
}
