// Counts the DynamoDB calls and read units of each page of the site: one request at a time, through a proxy that
// records the calls. Each call is then repeated with `ReturnConsumedCapacity`.
import { ulid } from 'ulid';
import { addPage, addProject } from '../test/search/stage.ts';
import type { Call } from '../test/support/fault-proxy.ts';
import { localPersonId } from '../test/support/local-people.ts';
import { type Paperlift, startPaperlift } from '../test/support/paperlift.ts';
import { createRow, type Row } from './row.ts';

const pageCount = 500;
const projectCount = 25;
const exportCount = 12;
/** Each fifth page was reviewed: some of its lines are corrected. */
const reviewedEvery = 5;

interface Measured {
  calls: number;
  readUnits: number;
}

/** With a page's text on the page's own item, and a query for each kind of item (before decision 0047). */
const before: Record<string, Measured> = {
  list: { calls: 3, readUnits: 43.5 },
  project: { calls: 9, readUnits: 553 },
  status: { calls: 8, readUnits: 552 },
  exports: { calls: 6, readUnits: 551 },
  review: { calls: 6, readUnits: 551 },
  search: { calls: 18, readUnits: 254.5 },
  account: { calls: 3, readUnits: 3.5 },
  admin: { calls: 1, readUnits: 2 },
  'admin-people': { calls: 2, readUnits: 2.5 },
  'api-projects': { calls: 3, readUnits: 43 },
  'api-project': { calls: 3, readUnits: 4 },
  'api-pages': { calls: 5, readUnits: 549 },
  'api-page': { calls: 6, readUnits: 551 },
};

const words = 'Invoice Subtotal Total Cashier Hardware Trading Batu Delivered Quantity Description'.split(
  ' ',
);

/** A page of print: 45 lines of eight words. */
function linesOf(page: number): string[] {
  return Array.from({ length: 45 }, (_, line) =>
    Array.from({ length: 8 }, (_, at) => words[(page + line * 3 + at * 7) % words.length]).join(' '),
  );
}

async function addLargeProject(paperlift: Paperlift, email: string) {
  const { stores } = paperlift.services;
  const projectId = await addProject(paperlift, email, 'The large one');
  const personId = localPersonId(paperlift, email);
  const pageIds: string[] = [];
  for (let number = 1; number <= pageCount; number += 1) {
    const lines = linesOf(number);
    const id = ulid();
    const folder = `projects/${projectId}/pages/${id}/`;
    const pageId = await addPage(paperlift, projectId, lines, undefined, {
      id,
      position: number * 1_000_000,
      personId,
      fileName: `scan-${String(number).padStart(4, '0')}.jpg`,
      originalKey: `${folder}originals/${ulid()}`,
      sizeBytes: 412_345,
      sha256: 'a'.repeat(64),
      preparedRotation: 0,
      width: 2480,
      height: 3508,
      imageKey: `${folder}r1/a1/image.jpg`,
      thumbnailKey: `${folder}r1/a1/thumbnail.jpg`,
    });
    pageIds.push(pageId);
    if (number % reviewedEvery !== 0) continue;
    const corrected = lines.slice(0, 6).map((line, at) => [`l${at + 1}`, `${line} corrected`] as const);
    const page = await stores.pages.find(projectId, pageId);
    if (!page) throw new Error('The page is gone');
    const steps = corrected.map(([id, text]) => ({
      personId,
      lines: { [id]: { before: {}, after: { text } } },
    }));
    await stores.pages.correct(
      page,
      { corrections: Object.fromEntries(corrected), accepted: {}, added: {}, steps },
      { text: lines.join('\n'), alignments: {}, wordCount: 360, doubtfulCount: 3 },
    );
  }
  for (let number = 0; number < exportCount; number += 1) {
    const at = new Date().toISOString();
    await stores.exports.create({
      id: ulid(),
      projectId,
      format: 'searchable-pdf',
      status: 'ready',
      fingerprint: 'b'.repeat(43),
      fileKey: `projects/${projectId}/exports/${ulid()}/a1.pdf`,
      requestedBy: personId,
      createdAt: at,
      updatedAt: at,
    });
  }
  const by = { id: personId, name: email };
  await stores.projects.assign(projectId, { ...by, kind: 'person', by, since: new Date().toISOString() });
  return { projectId, pageId: pageIds[249] as string };
}

export async function measureDatabaseCalls(): Promise<Row[]> {
  const paperlift = await startPaperlift({ databaseFaults: true, env: { LOG_LEVEL: 'warn' } });
  try {
    const alice = 'alice@example.com';
    for (let at = 1; at < projectCount; at += 1)
      await addProject(paperlift, alice, `Receipts of store ${at}`);
    const { projectId, pageId } = await addLargeProject(paperlift, alice);
    const owner = await cookieOf(paperlift, alice);
    const admin = await cookieOf(paperlift, 'carol@example.com');
    const project = `/projects/${projectId}`;
    const pages: [id: string, what: string, path: string, cookie: string, atMost: number | undefined][] = [
      ['list', 'Projects list', '/', owner, 2],
      ['project', `Project of ${pageCount} pages`, project, owner, 2],
      ['status', 'What changes on its page', `${project}/status`, owner, 2],
      ['exports', 'Its exports', `${project}/exports`, owner, 2],
      ['review', 'A page of it, to be reviewed', `${project}/pages/${pageId}`, owner, 3],
      ['queue', 'To review, of someone in one team', '/review', owner, 4],
      ['search', 'Search', '/search?q=subtotal', owner, undefined],
      ['account', 'Account', '/account', owner, 2],
      ['admin', 'Administration', '/admin', admin, 2],
      ['admin-people', 'People', '/admin/people', admin, undefined],
      ['api-projects', 'GET /api/v1/projects', '/api/v1/projects', owner, undefined],
      ['api-project', 'GET /api/v1/projects/{id}', `/api/v1${project}`, owner, undefined],
      ['api-pages', 'GET …/pages', `/api/v1${project}/pages`, owner, 2],
      ['api-page', 'GET …/pages/{id}', `/api/v1${project}/pages/${pageId}`, owner, 3],
    ];
    const rows: Row[] = [];
    for (const [id, what, path, cookie, atMost] of pages) {
      await ask(paperlift, path, cookie); // derives what is stale, loads what is loaded on use
      const { calls, readUnits } = await measure(paperlift, path, cookie);
      const was = before[id];
      const beside = (value: number | undefined, unit: string) =>
        value === undefined ? {} : { beside: { what: 'before', value, unit } };
      rows.push(
        createRow({
          id: `database-${id}-calls`,
          what: `${what}: DynamoDB calls`,
          value: calls,
          unit: 'calls',
          ...beside(was?.calls, 'calls'),
          ...(atMost ? { target: { of: 'value', atMost } } : {}),
        }),
        createRow({
          id: `database-${id}-units`,
          what: `${what}: read units`,
          value: readUnits,
          unit: 'units',
          ...beside(was?.readUnits, 'units'),
          ...(id === 'project' ? { target: { of: 'ratio', atMost: 0.2 } } : {}),
        }),
      );
    }
    return rows;
  } finally {
    await paperlift.stop();
  }
}

async function cookieOf(paperlift: Paperlift, email: string): Promise<string> {
  const { agent } = await paperlift.signIn(email);
  const access = { domain: 'localhost', path: '/', secure: false, script: false };
  return agent.jar.getCookies(access).toValueString();
}

async function ask({ url }: Paperlift, path: string, cookie: string) {
  const response = await fetch(url + path, { headers: { cookie } });
  await response.text();
  if (response.status !== 200) throw new Error(`${path}: ${response.status}`);
}

async function measure(paperlift: Paperlift, path: string, cookie: string): Promise<Measured> {
  paperlift.database.clear();
  await ask(paperlift, path, cookie);
  const calls = [...paperlift.database.calls];
  let readUnits = 0;
  for (const call of calls) readUnits += await readUnitsOf(paperlift, call);
  return { calls: calls.length, readUnits };
}

/** Asks the stand-in once more; it does not check signatures. */
async function readUnitsOf({ standIns }: Paperlift, { operation, body }: Call): Promise<number> {
  if (!['GetItem', 'BatchGetItem', 'Query'].includes(operation)) return 0;
  const response = await fetch(standIns.env.DYNAMODB_ENDPOINT as string, {
    method: 'POST',
    headers: {
      'content-type': 'application/x-amz-json-1.0',
      'x-amz-target': `DynamoDB_20120810.${operation}`,
      'x-amz-date': '20260101T000000Z',
      authorization:
        'AWS4-HMAC-SHA256 Credential=a/20260101/eu-central-1/dynamodb/aws4_request, SignedHeaders=host, Signature=0',
    },
    body: JSON.stringify({ ...JSON.parse(body.toString()), ReturnConsumedCapacity: 'TOTAL' }),
  });
  const { ConsumedCapacity } = (await response.json()) as {
    ConsumedCapacity?: { CapacityUnits: number } | { CapacityUnits: number }[];
  };
  return [ConsumedCapacity ?? []].flat().reduce((sum, { CapacityUnits }) => sum + CapacityUnits, 0);
}
