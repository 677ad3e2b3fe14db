// OpenSearch in place of the index in the database, by the commands of docs/on-prem.md.
import assert from 'node:assert/strict';
import { appendFile, readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { readCommands } from '../../scripts/onprem/documented-commands.ts';
import { sampleFiles } from '../parity/sample-files.ts';
import { createProject, type Person, upload, waitUntilRead } from '../parity/site.ts';
import { waitFor } from '../support/wait.ts';
import type { Part } from './part.ts';
import { signInAs } from './visits.ts';

const example = resolve(import.meta.dirname, '../../onprem/paperlift.env.example');

/** The example file's lines for one node beside the other services, no longer as comments. */
async function settingsOfOneNode(): Promise<string> {
  const [, lines] = /One node beside the other services:\n((?:# ?\w+=.*\n)+)/.exec(
    await readFile(example, 'utf8'),
  ) as unknown as [string, string];
  return lines.replaceAll(/^# ?/gm, '');
}

/** How many pages are found; undefined while search is not available. */
async function count(person: Person, words: string): Promise<number | undefined> {
  const answer = await person.api('GET', `/search?q=${encodeURIComponent(words)}`, { quiet: true });
  if (answer.status === 503) return undefined;
  assert.equal(answer.status, 200, answer.text);
  return answer.json.items.length;
}

export const searchPart: Part = {
  name: 'search: by OpenSearch',
  async run(surroundings) {
    const { stack, shell, print } = surroundings;
    const { invoice, letter } = await sampleFiles();
    const alice = await signInAs('alice@example.com', surroundings);
    const before = await createProject(alice, 'Read before OpenSearch');
    await upload(alice, before, [invoice]);
    await waitUntilRead(alice, before);
    const misspelt = 'Inovice 4711';
    assert.equal(await count(alice, misspelt), 0, 'the index in the database knows no typing errors');

    await appendFile('/etc/paperlift/paperlift.env', `\n${await settingsOfOneNode()}`);
    for (const block of readCommands('Searching by OpenSearch'))
      print((await shell(block)).trim().replaceAll(/^/gm, '    '));
    assert.equal(await count(alice, misspelt), 1, 'what was read before is found, also with a typing error');
    await upload(alice, before, [letter]);
    await waitUntilRead(alice, before);
    await waitFor(
      'what is read afterwards to be found',
      async () => (await count(alice, 'thnak')) === 1 || undefined,
    );
    const bob = await signInAs('bob@example.com', surroundings);
    assert.equal(await count(bob, misspelt), 0, 'nobody finds the pages of others');
    print('    ok  pages of before and after are found, with typing errors, and by nobody else');

    await stack.stop(['search']);
    assert.equal(await count(alice, misspelt), undefined, '503 while OpenSearch is away');
    const meanwhile = await createProject(alice, 'Read while OpenSearch is away');
    await upload(alice, meanwhile, [letter]);
    await waitUntilRead(alice, meanwhile);
    await shell('paperlift-compose up --detach');
    await waitFor(
      'what was read meanwhile to be found',
      async () => (await count(alice, 'thank')) === 2 || undefined,
      180_000,
    );
    print('    ok  OpenSearch is away: search says 503, pages are read, and found when it is back');

    const since = performance.now();
    await stack.kill('search');
    await waitFor(
      'search after SIGKILL',
      async () => (await count(alice, 'thank')) === 2 || undefined,
      120_000,
    );
    const seconds = ((performance.now() - since) / 1000).toFixed(0);
    return [
      {
        service: 'search',
        tried: 'instead of the index in the database, by the commands above',
        found: 'pages of before and after are found, with typing errors, by no one else than their owner',
      },
      {
        service: 'search',
        tried: 'away while a page is read',
        found: 'search answers 503, everything else works; the page is found when it is back',
      },
      { service: 'search', tried: 'SIGKILL', found: `all is found again after ${seconds} s` },
    ];
  },
};
