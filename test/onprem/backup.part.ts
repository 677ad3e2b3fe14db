// Backup and restore, by the commands of docs/on-prem.md.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { readCommands } from '../../scripts/onprem/documented-commands.ts';
import { sampleFiles } from '../parity/sample-files.ts';
import { createProject, makeExport, type Person, upload, waitUntilRead } from '../parity/site.ts';
import type { Part } from './part.ts';
import { signInAs } from './visits.ts';

const backups = '/var/backups/paperlift';

/** Everything that people see of a project. */
async function describe(person: Person, projectId: string) {
  const get = async (path: string) => {
    const answer = await person.api('GET', path, { quiet: true });
    assert.equal(answer.status, 200, `${path}: ${answer.text.slice(0, 300)}`);
    return answer;
  };
  const { name } = (await get(`/projects/${projectId}`)).json;
  const { items } = (await get(`/projects/${projectId}/pages`)).json as { items: { id: string }[] };
  const pages = [];
  for (const { id } of items) {
    const { text, status } = (await get(`/projects/${projectId}/pages/${id}`)).json;
    const { body } = await get(`/projects/${projectId}/pages/${id}/image`);
    pages.push({ id, text, status, image: createHash('sha256').update(body).digest('hex') });
  }
  return { name, pages };
}

export const backupPart: Part = {
  name: 'backup: and restore on an empty server',
  async run(surroundings) {
    const { stack, shell, print } = surroundings;
    const { invoice, letter } = await sampleFiles();
    const alice = await signInAs('alice@example.com', surroundings);
    const projectId = await createProject(alice, 'Kept');
    await upload(alice, projectId, [invoice, letter]);
    await waitUntilRead(alice, projectId);
    const address = await makeExport(alice, projectId, 'searchable-pdf');
    const before = await describe(alice, projectId);
    const { body: exported } = await alice.api('GET', `${address}/file`, { quiet: true });

    let since = performance.now();
    const seconds = () => ((performance.now() - since) / 1000).toFixed(0);
    for (const block of readCommands('Backing up')) await shell(block);
    const backedUp = seconds();
    const [folder = ''] = await readdir(backups);
    for (const name of await readdir(join(backups, folder))) {
      print(`    ${name}: ${(await stat(join(backups, folder, name))).size} bytes`);
    }
    assert.deepEqual(await describe(alice, projectId), before, 'goes on where it was');

    await stack.stop();
    for (const volume of ['s3', 'database', 'keycloak-database', 'proxy']) {
      await rm(stack.volumeFolder(volume), { recursive: true, force: true });
    }
    await rm('/etc/paperlift', { recursive: true });
    since = performance.now();
    let said = '';
    for (const block of readCommands('Restoring')) {
      said += await shell(block.replaceAll("<a project's id>", projectId), join(backups, folder));
    }
    const restored = seconds();
    print(said.trim().replaceAll(/^/gm, '    '));
    const again = await signInAs('alice@example.com', surroundings);
    assert.deepEqual(await describe(again, projectId), before, 'is the same again');
    const { body } = await again.api('GET', `${address}/file`, { quiet: true });
    assert.ok(body.equals(exported), 'the export is the same');
    assert.deepEqual(await describe(alice, projectId), before, 'the session of before goes on');
    return ['database', 's3', 'keycloak-database'].map((service) => ({
      service,
      tried: 'backup and restore on an empty server',
      found: `backed up in ${backedUp} s, restored in ${restored} s; pages, images, export, trail, people and sessions are the same`,
    }));
  },
};
