import assert from 'node:assert/strict';
import sharp from 'sharp';
import type { Check } from './check.ts';
import { sampleFiles } from './sample-files.ts';
import { assertProblem, assertRedirect, assertStatus, createProject, upload, waitUntilRead } from './site.ts';

const never = '01ARZ3NDEKTSV4RRFFQ69G5FAV';

export const pageChecks: Check[] = [
  {
    name: 'a page that was read: its text, its lines, its image and its thumbnail',
    async run(site) {
      const { projectId, pageIds } = await site.readProject();
      const alice = await site.signIn('alice@example.com');
      const list = await alice.api('GET', `/projects/${projectId}/pages`);
      assert.deepEqual(
        list.json.items.map(({ id, number, status }: { id: string; number: number; status: string }) => [
          id,
          number,
          status,
        ]),
        pageIds.map((id, index) => [id, index + 1, 'ready']),
      );
      const path = `/projects/${projectId}/pages/${pageIds[0]}`;
      const page = await alice.api('GET', path);
      assert.equal(page.json.text, 'Invoice number 4711\nTotal amount 12.50');
      for (const [kind, width] of [
        ['image', page.json.width],
        ['thumbnail', undefined],
      ] as const) {
        const [byApi, onPages] = [
          await alice.api('GET', `${path}/${kind}`),
          await alice.get(`${path}/${kind}`),
        ];
        assertStatus(byApi, 200);
        assert.deepEqual(onPages.body, byApi.body);
        assert.equal(byApi.headers['content-type'], 'image/jpeg');
        assert.equal(byApi.headers['cache-control'], 'no-store');
        assert.match(String(byApi.headers['content-security-policy']), /^default-src 'none'; sandbox/);
        const image = await sharp(byApi.body).metadata();
        assert.equal(image.format, 'jpeg');
        if (width !== undefined) assert.equal(image.width, width);
        const head = await alice.call('HEAD', `/api/v1${path}/${kind}`);
        assert.deepEqual([head.status, head.body.length], [200, 0]);
        const part = await alice.get(`${path}/${kind}`, { headers: { range: 'bytes=10-19' } });
        assert.deepEqual([part.status, part.body.length], [200, byApi.body.length], 'no ranges are offered');
      }
    },
  },
  {
    name: 'the pages for people of what was read: the project, its live part, the review',
    async run(site) {
      const { projectId, pageIds } = await site.readProject();
      const alice = await site.signIn('alice@example.com');
      const project = await alice.get(`/projects/${projectId}`, { quiet: true });
      assertStatus(project, 200);
      assert.match(project.text, /Invoices, März/);
      for (const pageId of pageIds) {
        const review = await alice.get(`/projects/${projectId}/pages/${pageId}`);
        assertStatus(review, 200);
        assert.match(review.text, /data-line="1"/);
      }
      for (const path of [
        `/projects/${projectId}/pages/${never}`,
        `/projects/${never}/pages/${pageIds[0]}`,
      ]) {
        assertStatus(await alice.get(path), 404);
        assertProblem(
          await alice.api('GET', path),
          404,
          path.includes(`pages/${never}`) ? 'page-not-found' : 'project-not-found',
        );
      }
    },
  },
  {
    name: 'uploads: several files in one form become pages in their order, whatever they are called',
    async run({ signIn }) {
      const { short, webp } = await sampleFiles();
      const alice = await signIn('alice@example.com');
      const projectId = await createProject(alice, 'Uploads');
      const names = ['../../etc/passwd', 'Seite №1 — “ü” 狐.jpg', `\u202egpj.exe${'x'.repeat(300)}`];
      const parts = [
        ...names.map((fileName) => ({ name: 'files', ...short, fileName })),
        { name: 'files', ...webp },
        { name: 'files', fileName: 'no.jpg', type: 'image/jpeg', body: 'no image' },
      ];
      const answer = await alice.api('POST', `/projects/${projectId}/pages`, { parts });
      assertStatus(answer, 201);
      assert.equal(answer.json.items.length, names.length + 1);
      assert.deepEqual(
        answer.json.refusals.map(({ code }: { code: string }) => code),
        ['file-type-unsupported'],
      );
      await waitUntilRead(alice, projectId);
      const { json } = await alice.api('GET', `/projects/${projectId}/pages`);
      assert.deepEqual(
        json.items.map(({ fileName }: { fileName: string }) => fileName),
        ['passwd', 'Seite №1 — “ü” 狐.jpg', `gpj.exe${'x'.repeat(193)}`, 'short.webp'],
      );
      assert.deepEqual(
        new Set(json.items.map(({ preview }: { preview: string }) => preview)),
        new Set(['Short note']),
      );
      assertStatus(await alice.get(`/projects/${projectId}`), 200);
      assertStatus(await alice.get(`/projects/${projectId}/status`), 200);
      await alice.api('DELETE', `/projects/${projectId}`, { quiet: true });
    },
  },
  {
    name: 'uploads: what is refused, and why',
    async run({ signIn }) {
      const { short } = await sampleFiles();
      const alice = await signIn('alice@example.com');
      const projectId = await createProject(alice, 'Refusals');
      const path = `/projects/${projectId}/pages`;
      const gif = await sharp(short.body).gif().toBuffer();
      const png = await sharp(short.body).png().toBuffer();
      for (const [file, status, code] of [
        [{ body: gif }, 415, 'file-type-unsupported'],
        [{ body: png }, 415, 'file-type-mismatch'],
        [
          { body: '<svg xmlns="http://www.w3.org/2000/svg"/>', type: 'image/png' },
          415,
          'file-type-unsupported',
        ],
        [{ body: '' }, 400, 'file-empty'],
        [{ body: short.body.subarray(0, -50) }, 400, 'file-truncated'],
      ] as const) {
        const parts = [{ name: 'files', ...short, ...file }];
        assertProblem(await alice.api('POST', path, { parts }), status, code);
        const form = [{ name: '_csrf', body: alice.csrfToken }, ...parts];
        const page = await alice.post(path, { parts: form });
        assertStatus(page, 400);
        assert.match(page.text, /1 file wasn’t added/);
      }
      assertProblem(await alice.api('POST', path, { parts: [{ name: 'note', body: 'x' }] }), 400, 'no-file');
      assertProblem(await alice.api('POST', path, { json: {} }), 400, 'no-file');
      const elsewhere = [{ ...short, name: 'other' }];
      assertProblem(await alice.api('POST', path, { parts: elsewhere }), 400, 'form-limit-unexpected-file');
      const headers = { 'content-type': 'multipart/form-data; boundary=paperlift-test-boundary' };
      const broken = await alice.api('POST', path, {
        body: '--paperlift-test-boundary\r\nContent-',
        headers,
      });
      assertProblem(broken, 400, 'form-unreadable');
      const many = Array.from({ length: 101 }, () => ({ name: 'files', ...short, body: '' }));
      assertProblem(await alice.api('POST', path, { parts: many }), 413, 'form-limit-file-count');
      assert.deepEqual((await alice.api('GET', path)).json, { items: [] });
      await alice.api('DELETE', `/projects/${projectId}`, { quiet: true });
    },
  },
  {
    name: 'uploads: a form of the pages leads back to the project, and a large file comes whole',
    async run({ signIn }) {
      const { large } = await sampleFiles();
      const alice = await signIn('alice@example.com');
      const projectId = await createProject(alice, 'Large');
      const address = `/projects/${projectId}`;
      const parts = [
        { name: '_csrf', body: alice.csrfToken },
        { name: 'files', ...large },
      ];
      assertRedirect(await alice.post(`${address}/pages`, { parts }), address);
      await waitUntilRead(alice, projectId);
      const [page] = (await alice.api('GET', `${address}/pages`)).json.items;
      assert.equal(page.status, 'ready');
      assertStatus(await alice.get(`${address}/pages/${page.id}`), 200);
      await alice.api('DELETE', address, { quiet: true });
    },
  },
  {
    name: 'pages: corrected, moved, turned, replaced and deleted',
    async run({ signIn }) {
      const { invoice, letter, short } = await sampleFiles();
      const alice = await signIn('alice@example.com');
      const projectId = await createProject(alice, 'Changes');
      const [first = '', second = ''] = await upload(alice, projectId, [invoice, short]);
      await waitUntilRead(alice, projectId);
      const path = `/projects/${projectId}/pages/${first}`;
      const change = (json: unknown) => alice.api('PATCH', path, { json });
      const lineId = (await alice.api('GET', path)).json.lines[0].id;

      const corrected = await change({ lines: [{ id: lineId, text: 'Rechnung №4711 <i>' }] });
      assertStatus(corrected, 200);
      assert.equal(corrected.json.text, 'Rechnung №4711 <i>\nTotal amount 12.50');
      assert.match((await alice.get(path)).text, /Rechnung №4711 &lt;i&gt;/);
      assert.equal(
        (await change({ lines: [{ id: lineId, text: null }] })).json.text,
        'Invoice number 4711\nTotal amount 12.50',
      );
      assertProblem(await change({ lines: [{ id: 'no-line', text: 'x' }] }), 400, 'line-unknown');
      assertProblem(await change({ lines: [{ id: lineId, text: 'a\nb' }] }), 400, 'input-invalid');
      assertProblem(await change({}), 400, 'input-invalid');
      assertProblem(await change({ rotation: 45 }), 400, 'input-invalid');
      assertProblem(await change({ status: 'ready' }), 400, 'input-invalid');

      assert.equal((await change({ number: 2 })).json.number, 2);
      const order = (await alice.api('GET', `/projects/${projectId}/pages`)).json.items;
      assert.deepEqual(
        order.map(({ id }: { id: string }) => id),
        [second, first],
      );

      const turned = await alice.api('PATCH', path, { json: { rotation: 90 } });
      assert.deepEqual([turned.json.rotation, turned.json.revision, turned.json.status], [90, 1, 'ready']);
      assert.ok(turned.json.height > turned.json.width);
      assertStatus(await alice.api('GET', `${path}/image`), 200);

      const parts = [{ name: 'files', ...letter }];
      const replaced = await alice.api('PUT', `${path}/image`, { parts, quiet: true }); // it may be under way already
      assert.deepEqual([replaced.json.revision, replaced.json.rotation], [2, 0]);
      await waitUntilRead(alice, projectId);
      assert.equal((await alice.api('GET', path)).json.text, 'Thank you very much');
      const bad = [{ name: 'files', ...short, body: 'no image' }];
      assertProblem(await alice.api('PUT', `${path}/image`, { parts: bad }), 415, 'file-type-unsupported');

      assertProblem(await alice.api('POST', `${path}/retry`), 409, 'page-not-failed');
      assertRedirect(await alice.submit(`${path}/retry`), `/projects/${projectId}`);
      assertStatus(await alice.api('DELETE', path), 204);
      for (const below of ['', '/image', '/thumbnail']) {
        assertProblem(await alice.api('GET', `${path}${below}`), 404, 'page-not-found');
      }
      const other = `/projects/${projectId}/pages/${second}`;
      assertRedirect(await alice.submit(`${other}/delete`), `/projects/${projectId}`);
      assertRedirect(await alice.submit(`${other}/delete`), `/projects/${projectId}`);
      assert.deepEqual((await alice.api('GET', `/projects/${projectId}/pages`)).json, { items: [] });
      await alice.api('DELETE', `/projects/${projectId}`, { quiet: true });
    },
  },
];
