// Where files are put, one way at a time: large files in parts, and no address inside the machine or its network.
import assert from 'node:assert/strict';
import { Readable } from 'node:stream';
import { test } from 'node:test';
import { partsOf } from '../../src/rules/file-to-push.ts';
import { createGuardedRequest } from '../../src/rules/guarded-request.ts';
import type { Rule, Target } from '../../src/rules/rule.ts';
import { createS3Push } from '../../src/rules/s3.push.ts';
import { createSftpPush } from '../../src/rules/sftp.push.ts';
import { createSharepointPush } from '../../src/rules/sharepoint.push.ts';
import { createWebdavPush } from '../../src/rules/webdav.push.ts';
import { startGraphServer } from './graph-server.ts';
import { startSftpServer } from './sftp-server.ts';
import { startWebdavServer } from './webdav-server.ts';

const ruleOf = (target: Target, secret = 'secret') => ({ target, secret, organisationId: 'default' }) as Rule;
const fileOf = (bytes: Buffer) => ({
  name: 'file.pdf',
  contentType: 'application/pdf',
  sizeBytes: bytes.length,
  open: async () => Readable.from(chunksOf(bytes)),
});
function* chunksOf(bytes: Buffer) {
  for (let at = 0; at < bytes.length; at += 60_001) yield bytes.subarray(at, at + 60_001);
}
const small = fileOf(Buffer.from('small'));
const soon = () => AbortSignal.timeout(180_000);

test('a file of 25 MB comes to SharePoint in parts, and to the other servers as a stream, each byte of it', async () => {
  const bytes = Buffer.alloc(25 * 1024 * 1024, 'Paperlift ');
  const account = { user: 'u', password: 'secret' };
  const app = { tenantId: 't', clientId: 'c', secret: 'secret' };
  const [graph, webdav, sftp] = await Promise.all([
    startGraphServer(app),
    startWebdavServer(account),
    startSftpServer(account),
  ]);
  try {
    const request = createGuardedRequest({ allowPrivate: true });
    const urls = { graphUrl: graph.url, loginUrl: graph.url };
    const drive = {
      kind: 'sharepoint' as const,
      tenantId: 't',
      clientId: 'c',
      driveId: 'b!drive',
      folder: '',
    };
    await createSharepointPush({ request, ...urls })(ruleOf(drive), fileOf(bytes), soon());
    assert.equal(graph.parts.length, 3);
    assert.ok(graph.files.get('file.pdf')?.equals(bytes));
    await createWebdavPush({ request })(
      ruleOf({ kind: 'webdav', url: webdav.url, user: 'u' }),
      fileOf(bytes),
      soon(),
    );
    assert.ok(webdav.files.get('/dav/file.pdf')?.equals(bytes));
    const { port, hostKey } = sftp;
    await createSftpPush({ allowPrivate: true })(
      ruleOf({ kind: 'sftp', host: '127.0.0.1', port, user: 'u', hostKey, folder: '' }),
      fileOf(bytes),
      soon(),
    );
    assert.ok(sftp.files.get('file.pdf')?.equals(bytes));
  } finally {
    await Promise.all([graph.stop(), webdav.stop(), sftp.stop()]);
  }
});

test('addresses inside the machine, its cloud or its network are not called unless configuration allows it', async () => {
  const webdav = await startWebdavServer({ user: 'u', password: 'secret' });
  try {
    const request = createGuardedRequest({ allowPrivate: false });
    const https = webdav.url.replace('http:', 'https:');
    for (const [url, said] of [
      [webdav.url, /not https/],
      [https, /not an address/],
      [https.replace('127.0.0.1', 'localhost'), /not an address/],
      ['https://10.0.0.1/', /private network/],
      ['https://169.254.169.254/', /not an address/],
      ['https://[::1]/', /not an address/],
    ] as const)
      await assert.rejects(
        createWebdavPush({ request })(ruleOf({ kind: 'webdav', url, user: 'u' }), small, soon()),
        said,
        url,
      );
    const push = createSftpPush({ allowPrivate: false });
    for (const host of ['127.0.0.1', 'localhost', '192.168.0.1', '169.254.169.254'])
      await assert.rejects(
        push(
          ruleOf({
            kind: 'sftp',
            host,
            port: Number(new URL(webdav.url).port),
            user: 'u',
            hostKey: '',
            folder: '',
          }),
          small,
          soon(),
        ),
        /not an address|private network/,
        host,
      );
    const guarded = createSharepointPush({ request, graphUrl: https, loginUrl: https });
    const drive = { kind: 'sharepoint' as const, tenantId: 't', clientId: 'c', driveId: 'd', folder: '' };
    await assert.rejects(guarded(ruleOf(drive), small, soon()), /not an address/);
    const link = createGuardedRequest({ allowPrivate: true });
    await assert.rejects(
      link('http://169.254.169.254/', { method: 'GET', signal: soon() }),
      /not an address/,
    );
    assert.deepEqual(webdav.calls, []);
  } finally {
    await webdav.stop();
  }
});

test('a server that redirects is not followed', async () => {
  const webdav = await startWebdavServer({ user: 'u', password: 'secret' });
  try {
    webdav.setStatus(302);
    const request = createGuardedRequest({ allowPrivate: true });
    await assert.rejects(
      createWebdavPush({ request })(ruleOf({ kind: 'webdav', url: webdav.url, user: 'u' }), small, soon()),
      /answered PUT with 302/,
    );
  } finally {
    await webdav.stop();
  }
});

test('a bucket that configuration has taken from the organisation gets nothing more, though a rule still names it', async () => {
  let isCalled = false;
  const s3 = {
    send: async () => {
      isCalled = true;
    },
  } as never;
  const buckets: Record<string, string[]> = { default: ['another'], abroad: ['archive'] };
  const push = createS3Push({ s3, bucketsOf: (organisationId) => buckets[organisationId] ?? [] });
  const rule = ruleOf({ kind: 's3', bucket: 'archive', prefix: '' });
  await assert.rejects(push(rule, small, soon()), /archive is not one that rules may use/);
  assert.equal(isCalled, false);
});

test('no folder leads out of the one that the target names', () => {
  assert.deepEqual(partsOf('/../scans/./..//2026/'), ['scans', '2026']);
});
