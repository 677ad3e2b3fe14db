import assert from 'node:assert/strict';
import type { Check } from './check.ts';
import { sampleFiles } from './sample-files.ts';
import {
  assertProblem,
  assertRedirect,
  assertStatus,
  createProject,
  makeExport,
  upload,
  waitUntilRead,
} from './site.ts';

const never = '01ARZ3NDEKTSV4RRFFQ69G5FAV';
const types = {
  txt: 'text/plain; charset=utf-8',
  json: 'application/json',
  'searchable-pdf': 'application/pdf',
  'text-pdf': 'application/pdf',
};

export const exportChecks: Check[] = [
  ...Object.entries(types).map(
    ([format, type]): Check => ({
      name: `export as ${format}: asked for, made, and downloaded as a file`,
      async run(site) {
        const { projectId } = await site.readProject();
        const alice = await site.signIn('alice@example.com');
        const address = await makeExport(alice, projectId, format);
        const isPdf = type === 'application/pdf'; // whose size differs from run to run
        const made = await alice.api('GET', address, { quiet: isPdf });
        assert.deepEqual([made.json.status, made.json.pageCount], ['ready', 2]);
        const again = await alice.api('POST', `/projects/${projectId}/exports`, {
          json: { format },
          quiet: isPdf,
        });
        assert.deepEqual(
          [again.status, again.json.id],
          [202, made.json.id],
          'nothing changed: the same file',
        );
        assert.equal(again.headers.location, `/api/v1${address}`);
        const file = await alice.api('GET', `${address}/file`);
        assertStatus(file, 200);
        assert.equal(file.headers['content-type'], type);
        assert.equal(file.body.length, made.json.sizeBytes);
        assert.match(
          String(file.headers['content-disposition']),
          /^attachment; filename="Invoices, Maerz\.[a-z.]+"; filename\*=UTF-8''Invoices%2C%20M%C3%A4rz\.[a-z.]+$/,
        );
        assert.deepEqual((await alice.get(`${address}/file`)).body, file.body);
        const head = await alice.call('HEAD', `/api/v1${address}/file`);
        assert.deepEqual([head.status, head.body.length], [200, 0]);
        if (format === 'json') assert.equal(JSON.parse(file.text).pages.length, 2);
        else if (format === 'txt') assert.match(file.text, /Total amount 12\.50[\s\S]*Thank you very much/);
      },
    }),
  ),
  {
    name: 'exports: what has to be waited for, and what there is not',
    async run({ signIn }) {
      const { short } = await sampleFiles();
      const alice = await signIn('alice@example.com');
      const projectId = await createProject(alice, 'Exports');
      const path = `/projects/${projectId}/exports`;
      const request = (json: unknown) => alice.api('POST', path, { json });
      assertProblem(await request({ format: 'txt' }), 409, 'no-pages');
      assertProblem(await request({ format: 'exe' }), 400, 'input-invalid');
      assertProblem(await request({}), 400, 'input-invalid');
      assertProblem(await alice.api('GET', `${path}/${never}`), 404, 'export-not-found');
      assertProblem(await alice.api('GET', `${path}/${never}/file`), 404, 'export-not-found');
      assert.deepEqual((await alice.api('GET', path)).json, { items: [] });
      await upload(alice, projectId, [short]);
      await waitUntilRead(alice, projectId);
      assertRedirect(await alice.submit(path, { format: 'txt' }), `/projects/${projectId}#exports`);
      assertStatus(await alice.submit(path, { format: 'exe' }), 400);
      await makeExport(alice, projectId, 'txt');
      const listed = await alice.api('GET', path);
      assert.deepEqual(
        listed.json.items.map(({ status }: { status: string }) => status),
        ['ready'],
      );
      const page = await alice.get(`/projects/${projectId}`);
      assert.match(page.text, /download>Download/);
      await alice.api('DELETE', `/projects/${projectId}`, { quiet: true });
      assertProblem(
        await alice.api('GET', `${path}/${listed.json.items[0].id}/file`),
        404,
        'project-not-found',
      );
    },
  },
];
