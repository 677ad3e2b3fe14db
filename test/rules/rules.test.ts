// Rules: when all pages of a project are ready an export is created and put on real servers, by people's forms. What fails is seen,
// tried again, and done again by an administrator.
import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { after, before, test } from 'node:test';
import { CreateBucketCommand, GetObjectCommand, ListObjectsV2Command, S3Client } from '@aws-sdk/client-s3';
import { textJpeg } from '../support/images.ts';
import { type Paperlift, startPaperlift } from '../support/paperlift.ts';
import { type Client, callAs } from '../support/shown-pages.ts';
import { waitFor } from '../support/wait.ts';
import { startGraphServer } from './graph-server.ts';
import { startSftpServer } from './sftp-server.ts';
import { startWebdavServer } from './webdav-server.ts';

const account = { user: 'paperlift', password: 'correct horse' };
const app = { tenantId: 'contoso.example', clientId: '11111111-2222', secret: 'client secret' };
let paperlift: Paperlift;
let carol: Client;
let jpeg: Buffer;
let sftp: Awaited<ReturnType<typeof startSftpServer>>;
let webdav: Awaited<ReturnType<typeof startWebdavServer>>;
let graph: Awaited<ReturnType<typeof startGraphServer>>;
let s3: S3Client;
let aheadMs = 0;
const { privateKey } = generateKeyPairSync('rsa', {
  modulusLength: 2048,
  publicKeyEncoding: { type: 'spki', format: 'pem' },
  privateKeyEncoding: { type: 'pkcs1', format: 'pem' },
});

before(async () => {
  jpeg = await textJpeg(['Total']);
  [sftp, webdav, graph] = await Promise.all([
    startSftpServer({ ...account, privateKey }),
    startWebdavServer(account),
    startGraphServer(app),
  ]);
  paperlift = await startPaperlift({
    worker: true,
    textract: ['Total 12.50'],
    now: () => new Date(Date.now() + aheadMs),
    env: {
      WEBHOOK_PRIVATE_NETWORKS: 'true',
      PUSH_BUCKETS: 'default:archive-of-default, abroad:archive-of-abroad',
      MICROSOFT_GRAPH_URL: graph.url,
      MICROSOFT_LOGIN_URL: graph.url,
    },
  });
  const { region, s3: settings } = paperlift.config.aws;
  s3 = new S3Client({ region, endpoint: settings.endpoint as string, forcePathStyle: true });
  await s3.send(new CreateBucketCommand({ Bucket: 'archive-of-default' }));
  carol = await paperlift.signIn('carol@example.com');
});
after(async () => {
  s3?.destroy();
  await paperlift?.stop();
  await Promise.all([sftp.stop(), webdav.stop(), graph.stop()]);
});

const post = (path: string, fields: object = {}) =>
  carol.agent
    .post(path)
    .type('form')
    .send({ _csrf: carol.csrfToken, ...fields });

const fieldsOf = {
  none: () => ({}),
  sftp: () => ({
    host: '127.0.0.1',
    port: sftp.port,
    user: account.user,
    secret: account.password,
    hostKey: sftp.hostKey,
    folder: 'scans/2026',
  }),
  webdav: () => ({ url: `${webdav.url}scans/2026`, user: account.user, secret: account.password }),
  sharepoint: () => ({ ...app, driveId: 'b!drive', folder: 'Scans/2026' }),
  s3: () => ({ bucket: 'archive-of-default', prefix: 'scans/2026/' }),
};

/** A rule by the form of its kind, which is deleted again. */
async function withRule(
  to: keyof typeof fieldsOf,
  use: (rule: { url: string; shown: () => Promise<string> }) => Promise<void>,
  fields: object = {},
) {
  const made = await post('/admin/rules', {
    to,
    name: `By ${to}`,
    format: 'txt',
    ...fieldsOf[to](),
    ...fields,
  });
  assert.equal(made.status, 303, made.text);
  const url = made.headers.location as string;
  try {
    await use({ url, shown: async () => (await carol.agent.get(url)).text });
  } finally {
    assert.equal((await post(`${url}/delete`)).status, 303);
  }
}

/** A project of Alice's with one page. Listeners are remembered for some seconds: a new rule is told of projects after that. */
async function addProject(name: string) {
  const alice = await paperlift.signIn('alice@example.com');
  const call = callAs(alice);
  const id = (await call('post', '/projects').send({ name })).body.id as string;
  const add = async () => {
    const file = { filename: 'scan.jpg', contentType: 'image/jpeg' };
    assert.equal((await call('post', `/projects/${id}/pages`).attach('files', jpeg, file)).status, 201);
  };
  await add();
  const exported = async () =>
    (await call('get', `/projects/${id}/exports`)).body.items as { id: string; status: string }[];
  return { id, call, add, exported };
}
const arrived = <T extends object>(what: string, find: () => T | undefined) =>
  waitFor(what, async () => find());
const text = 'Total 12.50\n';

test('an export is created without anyone asking, and the trail says by which rule', async () => {
  await withRule('none', async ({ shown }) => {
    const { id, exported } = await addProject('On its own');
    const [made] = await waitFor('the export', async () => {
      const items = await exported();
      return items[0]?.status === 'ready' ? items : undefined;
    });
    assert.ok(made);
    await waitFor('the result', async () =>
      (await shown()).includes('The export is ready') ? true : undefined,
    );
    const trail = await carol.agent.get(`/admin/audit?project=${id}`);
    assert.match(trail.text, /requested an export[\s\S]*by the rule “By none”/);
    const page = await carol.agent.get(`/projects/${id}/exports`);
    assert.match(page.text, /by <bdi>the rule “By none”/);
  });
});

test('a file comes to an SFTP server, whole under its name, in folders that are made', async () => {
  await withRule('sftp', async ({ shown }) => {
    const { id, add } = await addProject('By SFTP');
    const path = `scans/2026/By SFTP ${id}.txt`;
    assert.equal(`${await arrived('the file', () => sftp.files.get(path))}`, text);
    assert.deepEqual(
      [...sftp.files.keys()].filter((name) => name.endsWith('.part')),
      [],
    );
    await waitFor('the result', async () => ((await shown()).includes('Sent By SFTP') ? true : undefined));
    await add(); // and again when pages were added: the file is replaced
    await waitFor('the file with two pages', async () =>
      `${sftp.files.get(path)}`.includes('\f') ? true : undefined,
    );
    const trail = await carol.agent.get(`/admin/audit?project=${id}`);
    assert.match(trail.text, /sent an export to another system/);
  });
});

test('a private key signs in too', async () => {
  sftp.tried.length = 0;
  await withRule(
    'sftp',
    async ({ url }) => {
      const tested = await post(`${url}/test`);
      assert.match(tested.headers.location ?? /wasn’t sent[^<]*/.exec(tested.text)?.[0] ?? '', /tested=yes/);
      assert.deepEqual(sftp.tried, ['publickey', 'publickey']);
      assert.ok(sftp.files.has('scans/2026/Paperlift test.txt'));
    },
    { secret: privateKey },
  );
});

test('nothing, and no password, goes to a server whose key is another', async () => {
  sftp.tried.length = 0;
  const hostKey = `SHA256:${'A'.repeat(43)}`;
  await withRule(
    'sftp',
    async ({ url }) => {
      const tested = await post(`${url}/test`);
      assert.match(tested.text, /wasn’t sent: The server’s key is SHA256:/);
      assert.ok(tested.text.includes(sftp.hostKey));
      assert.deepEqual(sftp.tried, []);
    },
    { hostKey },
  );
});

test('a transfer that breaks leaves no half file under the name, is seen, and is done again', async () => {
  await withRule('sftp', async ({ url, shown }) => {
    sftp.cutAfter(3);
    const { id } = await addProject('Broken');
    const page = await waitFor('the failure', async () => {
      const seen = await shown();
      return seen.includes('pill-failed') ? seen : undefined;
    });
    const path = `scans/2026/Broken ${id}.txt`;
    assert.equal(sftp.files.get(path), undefined);
    sftp.cutAfter(Number.POSITIVE_INFINITY);
    const [, number = ''] = /pill-failed[\s\S]*?name="number" value="(\d+)"/.exec(page) ?? [];
    const again = await post(`${url}/send-again`, { projectId: id, number });
    assert.match(again.headers.location ?? '', /sent=yes/);
    assert.equal(`${sftp.files.get(path)}`, text);
  });
});

test('a failed transfer is tried again by itself', async () => {
  await withRule('webdav', async ({ shown }) => {
    webdav.setStatus(507);
    const { id } = await addProject('Full disk');
    await waitFor('the failure', async () =>
      (await shown()).includes('answered PUT with 507') ? true : undefined,
    );
    webdav.setStatus(undefined);
    aheadMs += 60_000; // the next attempt is due within a minute
    const path = `/dav/scans/2026/Full%20disk%20${id}.txt`;
    assert.equal(`${await arrived('the file', () => webdav.files.get(path))}`, text);
  });
});

test('a file comes to a WebDAV server, in folders that are made; a wrong password is named', async () => {
  await withRule('webdav', async () => {
    const { id } = await addProject('By WebDAV & more');
    const path = `/dav/scans/2026/By%20WebDAV%20%26%20more%20${id}.txt`;
    assert.equal(`${await arrived('the file', () => webdav.files.get(path))}`, text);
  });
  await withRule(
    'webdav',
    async ({ url }) => {
      assert.match((await post(`${url}/test`)).text, /refuses the user name or password \(401\)/);
    },
    { secret: 'wrong' },
  );
});

test('a file comes to SharePoint by an upload session; what Microsoft refuses is named by its code', async () => {
  await withRule('sharepoint', async () => {
    const { id } = await addProject('By Graph');
    const path = `Scans/2026/By Graph ${id}.txt`;
    assert.equal(`${await arrived('the file', () => graph.files.get(path))}`, text);
  });
  for (const [field, value, said] of [
    ['secret', 'wrong', /sign-in at Microsoft failed: 401 invalid_client/],
    ['driveId', 'b!other', /Creating the upload failed: 404 itemNotFound/],
  ] as const)
    await withRule(
      'sharepoint',
      async ({ url }) => {
        assert.match((await post(`${url}/test`)).text, said);
      },
      { [field]: value },
    );
});

test('a file comes into a bucket of the organisation, and into no other', async () => {
  await withRule('s3', async () => {
    const { id } = await addProject('By S3');
    const Key = `scans/2026/By S3 ${id}.txt`;
    await waitFor('the object', async () => {
      const { Contents = [] } = await s3.send(new ListObjectsV2Command({ Bucket: 'archive-of-default' }));
      return Contents.some((object) => object.Key === Key) ? true : undefined;
    });
    const { Body } = await s3.send(new GetObjectCommand({ Bucket: 'archive-of-default', Key }));
    assert.equal(await Body?.transformToString(), text);
  });
  for (const bucket of ['archive-of-abroad', paperlift.config.aws.s3.bucket]) {
    const refused = await post('/admin/rules', { to: 's3', name: 'Elsewhere', format: 'txt', bucket });
    assert.equal(refused.status, 403, bucket);
  }
});

test('the secret is shown nowhere, and nothing of another organisation', async () => {
  await withRule('webdav', async ({ url, shown }) => {
    for (const page of [await shown(), (await carol.agent.get('/admin/rules')).text])
      assert.doesNotMatch(page, /correct horse/);
    assert.doesNotMatch(paperlift.logs.text(), /correct horse/);
    const alice = await paperlift.signIn('alice@example.com');
    assert.equal((await alice.agent.get(url)).status, 403);
    const abroad = await paperlift.services.stores.rules.list('abroad');
    assert.deepEqual(abroad, []);
  });
});

test('a rule that is paused does nothing until it is resumed', async () => {
  await withRule('none', async ({ url, shown }) => {
    await post(`${url}/pause`);
    assert.match(await shown(), /Paused\./);
    const { exported, id } = await addProject('Paused');
    await waitFor('the page', async () =>
      (await paperlift.services.stores.pages.list(id)).every(({ status }) => status === 'ready')
        ? true
        : undefined,
    );
    await waitFor('the rule to wait', async () => {
      const waiting = await paperlift.services.stores.webhooks.findCursor({
        webhookId: url.split('/').at(-1) as string,
        projectId: id,
      });
      return waiting && waiting.attempts === 0 && waiting.delivered === 0 ? true : undefined;
    });
    assert.deepEqual(await exported(), []);
  });
});

test('what is wrong in the form is said, and what was entered stays', async () => {
  const right = { to: 'sftp', name: 'Mine', format: 'txt' };
  for (const [fields, said] of [
    [{ name: '' }, /Enter a name/],
    [{ format: 'exe' }, /Choose a format/],
    [{ host: 'sftp://example.com' }, /Enter a host name without sftp/],
    [{ port: '99999' }, /field-error/],
    [{ hostKey: 'ssh-rsa AAAA' }, /fingerprint, which starts with SHA256:/],
    [{ folder: '../etc' }, /Leave “..” out/],
    [{ secret: '' }, /Enter the secret/],
  ] as const) {
    const answer = await post('/admin/rules', { ...right, ...fieldsOf.sftp(), ...fields });
    assert.equal(answer.status, 400, JSON.stringify(fields));
    assert.match(answer.text, said);
    assert.doesNotMatch(answer.text, /correct horse/);
    if (!('name' in fields)) assert.match(answer.text, /value="Mine"/);
  }
  for (const url of ['ftp://example.com', 'https://user:pass@example.com/', ''])
    assert.equal(
      (await post('/admin/rules', { ...right, to: 'webdav', user: 'u', secret: 's', url })).status,
      400,
    );
});
