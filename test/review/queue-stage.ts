// People of one organisation with browsers of their own, and projects whose pages are read.
import assert from 'node:assert/strict';
import type { MemberRole } from '../../src/people/permissions.ts';
import type { Person } from '../../src/people/person.ts';
import { addPage } from '../search/stage.ts';
import { type Paperlift, startPaperlift } from '../support/paperlift.ts';
import { browserOf, buildPerson } from '../support/session-of.ts';

export const finance = { id: 't-finance', name: 'Finance' };
export const [ann, ben, cas] = ['Ann Able', 'Ben Bold', 'Cas Calm'].map((name) => buildPerson(name)) as [
  Person,
  Person,
  Person,
];
export const tom = buildPerson('Tom Team', { teams: [finance] });
export const foreigner = buildPerson('Ben Abroad', { organisationId: 'abroad' });
export const auditor = buildPerson('Eve Audit', { groups: ['paperlift-auditors'] });

type Method = 'get' | 'post' | 'put' | 'patch' | 'delete';

function clientOf({ agent, csrfToken }: Awaited<ReturnType<typeof browserOf>>) {
  return {
    agent,
    call: (method: Method, path: string) => agent[method](`/api/v1${path}`).set('x-csrf-token', csrfToken),
    get: (path: string) => agent.get(path),
    post: (path: string, fields: object = {}) =>
      agent
        .post(path)
        .type('form')
        .send({ _csrf: csrfToken, ...fields }),
  };
}

export async function startQueueStage(options: Parameters<typeof startPaperlift>[0] = {}) {
  let time = Date.parse('2026-11-30T09:00:00.000Z');
  const paperlift: Paperlift = await startPaperlift({ ...options, now: () => new Date(time) });
  const clients = new Map<string, ReturnType<typeof clientOf>>();
  const stage = {
    paperlift,
    stop: () => paperlift.stop(),
    pass: (ms: number) => {
      time += ms;
    },
    async signIn(...people: Person[]) {
      for (const person of people) clients.set(person.id, clientOf(await browserOf(paperlift, person)));
    },
    as: ({ id }: Person) => clients.get(id) as ReturnType<typeof clientOf>,

    /** A project of so many read pages, one second apart. Returns the pages' ids in order. */
    async createProject(owner: Person, name: string, pageCount: number, more: object = {}) {
      const created = await stage
        .as(owner)
        .call('post', '/projects')
        .send({ name, ...more });
      assert.equal(created.status, 201, created.text);
      const id: string = created.body.id;
      const pages: string[] = [];
      for (let at = 1; at <= pageCount; at += 1) pages.push(await stage.addPage(id, at));
      return { id, pages };
    },
    addPage: (projectId: string, at: number) =>
      addPage(paperlift, projectId, [`Line of page ${at}`], undefined, {
        position: at * 1_000_000,
        fileName: `scan-${at}.jpg`,
        createdAt: new Date(time).toISOString(),
      }),
    async share(owner: Person, projectId: string, id: string, role: MemberRole = 'reviewer') {
      const shared = await stage.as(owner).call('put', `/projects/${projectId}/members/${id}`).send({ role });
      assert.equal(shared.status, 200, shared.text);
    },
    assign: (by: Person, path: string, assigneeId: string | null) =>
      stage.as(by).call('patch', path).send({ assigneeId }),

    /** What a person's queue says: project and page, or who has claimed it. */
    async queueOf(person: Person, query = '') {
      const { body } = await stage.as(person).call('get', `/review-queue${query}`);
      return body as {
        cursor?: string;
        items: {
          project: { id: string; name: string };
          page: { id: string; number?: number; doubtfulCount: number };
          assignee: { id: string; name: string };
          assignedBy: { name: string };
          claim?: { name: string };
        }[];
      };
    },
    async titlesOf(person: Person, query = '') {
      const { items } = await stage.queueOf(person, query);
      return items.map(({ project, page }) => `${project.name} ${page.number}`);
    },
    /** Presses "Start reviewing". Returns where it leads. */
    start: async (person: Person): Promise<string> =>
      (await stage.as(person).post('/review/start')).headers.location as string,
  };
  return stage;
}

export type QueueStage = Awaited<ReturnType<typeof startQueueStage>>;

/** The id of the page in an address. */
export const pageIn = (address: string) => /\/pages\/([0-9A-Z]{26})/.exec(address)?.[1];
