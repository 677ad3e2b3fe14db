import assert from 'node:assert/strict';
import type { Check } from './check.ts';
import { sampleFiles } from './sample-files.ts';
import { assertProblem, assertStatus, createProject, type Person, waitUntilRead } from './site.ts';
import { type Answer, ask } from './visitor.ts';

interface Begun {
  id: string;
  url: string;
  method: string;
  headers: Record<string, string>;
}

/** Asks for an address. Its answer is not recorded: the signature differs each time. */
async function begin(person: Person, path: string, announced: object): Promise<Begun> {
  const answer = await person.api('POST', path, { json: announced, quiet: true });
  assertStatus(answer, 201);
  return answer.json;
}

const send = ({ method, url, headers }: Begun, body: Buffer): Promise<Answer> =>
  ask(method, url, { ...headers, 'content-length': String(body.length) }, body);

export const presignedUploadChecks: Check[] = [
  {
    name: 'straight to S3: a file that fits through no function becomes a page, once',
    async run({ signIn }) {
      const { huge } = await sampleFiles();
      const [alice, bob] = [await signIn('alice@example.com'), await signIn('bob@example.com')];
      const projectId = await createProject(alice, 'Straight to S3');
      const path = `/projects/${projectId}/uploads`;
      const announced = { fileName: '../Riesig Nº1.jpg', contentType: huge.type, size: huge.body.length };
      const upload = await begin(alice, path, announced);
      const complete = `${path}/${upload.id}/complete`;
      assertProblem(await alice.api('POST', complete), 409, 'upload-missing');
      assertStatus(await send(upload, huge.body), 200);
      assertProblem(await bob.api('POST', complete), 404, 'project-not-found');
      assertProblem(await alice.api('POST', `${path}/${projectId}/complete`), 404, 'upload-not-found');
      const [made, again] = [
        await alice.api('POST', complete),
        await alice.api('POST', complete, { quiet: true }),
      ];
      assertStatus(made, 201);
      assert.equal(made.json.items[0].fileName, 'Riesig Nº1.jpg');
      assert.equal(again.json.items[0].id, made.json.items[0].id);
      await waitUntilRead(alice, projectId);
      const { items } = (await alice.api('GET', `/projects/${projectId}/pages`)).json;
      assert.deepEqual(
        items.map(({ preview }: { preview: string }) => preview),
        ['Short note'],
      );

      const other = await begin(alice, path, { ...announced, pageId: items[0].id });
      assertStatus(await send(other, huge.body), 200);
      assertStatus(await alice.api('POST', `${path}/${other.id}/complete`, { quiet: true }), 201);
      await waitUntilRead(alice, projectId);
      assert.equal((await alice.api('GET', `/projects/${projectId}/pages/${items[0].id}`)).json.revision, 2);
      await alice.api('DELETE', `/projects/${projectId}`, { quiet: true });
    },
  },
  {
    name: 'straight to S3: what was not announced, is no image or is nobody’s is refused',
    async run({ signIn }) {
      const { short } = await sampleFiles();
      const [alice, erin] = [await signIn('alice@example.com'), await signIn('erin@example.com')];
      const projectId = await createProject(alice, 'Refused');
      const path = `/projects/${projectId}/uploads`;
      const announced = { fileName: 'a.jpg', contentType: 'image/jpeg', size: short.body.length };
      const refuse = (change: object) => alice.api('POST', path, { json: { ...announced, ...change } });
      assertProblem(await refuse({ contentType: 'image/gif' }), 415, 'file-type-unsupported');
      assertProblem(await refuse({ size: 5_000_000_000 }), 413, 'file-too-large');
      for (const wrong of [
        { size: 0 },
        { size: -1 },
        { size: '1' },
        { fileName: '' },
        { key: 'projects/x' },
      ]) {
        assertProblem(await refuse(wrong), 400, 'input-invalid');
      }
      assertProblem(await refuse({ pageId: projectId }), 404, 'page-not-found');
      assertProblem(await erin.api('POST', path, { json: announced }), 403, 'read-only');
      const forged = await alice.call('POST', `/api/v1${path}`, { json: announced });
      assertProblem(forged, 403, 'csrf-token-missing');

      const upload = await begin(alice, path, announced);
      assert.ok(
        (await send(upload, short.body.subarray(0, -1))).status >= 400,
        'another length than announced',
      );
      const page = { ...upload, headers: { ...upload.headers, 'content-type': 'text/html' } };
      assert.ok((await send(page, short.body)).status >= 400, 'another type than announced');
      const elsewhere = { ...upload, url: upload.url.replace(upload.id, projectId) };
      assert.ok((await send(elsewhere, short.body)).status >= 400, 'another key than signed');
      const more = { ...upload, headers: { ...upload.headers, 'x-amz-acl': 'public-read' } };
      assert.ok((await send(more, short.body)).status >= 400, 'more of Amazon’s headers than signed');
      const noImage = Buffer.alloc(short.body.length, 'x');
      assertStatus(await send(upload, noImage), 200);
      const complete = `${path}/${upload.id}/complete`;
      assertProblem(await alice.api('POST', complete), 415, 'file-type-unsupported');
      assertProblem(await alice.api('POST', complete), 404, 'upload-not-found');
      assert.deepEqual((await alice.api('GET', `/projects/${projectId}/pages`)).json, { items: [] });
      await alice.api('DELETE', `/projects/${projectId}`, { quiet: true });
    },
  },
];
