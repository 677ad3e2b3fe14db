// Lists of 5,000 projects of one's own, shared with one, and of one's team: the time that the server takes for each, beside
// one's own list, and the DynamoDB calls.
import { ulid } from 'ulid';
import type { Person } from '../src/people/person.ts';
import { createProjectStore } from '../src/projects/project.store.ts';
import { type Paperlift, startPaperlift } from '../test/support/paperlift.ts';
import { buildMember } from '../test/support/projects.ts';
import { browserOf, buildPerson } from '../test/support/session-of.ts';
import { createRow, type Row } from './row.ts';

const projectCount = 5000;
const requests = 60;
const atOnce = 24;
const team = { id: 't-bench', name: 'Bench' };
const reader = buildPerson('Reader', { teams: [team] });
const other = buildPerson('Other');

async function addProjects({ services }: Paperlift, owner: Pick<Person, 'id' | 'name'>, sharedWith?: Person) {
  const { clients, config, stores } = services;
  // without the search index, which takes most of the time and is not listed
  const projects = createProjectStore({
    documents: clients.documents,
    table: config.aws.dynamodb.table,
    summaries: stores.projectSummaries,
    shared: stores.shared,
    following: (_, change) => change(),
  });
  for (let at = 0; at < projectCount; at += atOnce) {
    const some = Array.from({ length: Math.min(atOnce, projectCount - at) }, async (_, index) => {
      const id = ulid();
      await projects.create({
        id,
        name: `${owner.name} ${String(at + index).padStart(4, '0')}`,
        organisationId: 'default',
        ownerId: owner.id,
        ownerName: owner.name,
        createdAt: new Date().toISOString(),
      });
      if (sharedWith) await projects.setMember(id, buildMember(sharedWith));
    });
    await Promise.all(some);
  }
}

export async function measureSharedLists(): Promise<Row[]> {
  const paperlift = await startPaperlift({ databaseFaults: true, env: { LOG_LEVEL: 'warn' } });
  try {
    await addProjects(paperlift, reader);
    await addProjects(paperlift, other, reader);
    await addProjects(paperlift, team);
    const { agent } = await browserOf(paperlift, reader);
    const rows: Row[] = [];
    let own = 0;
    for (const scope of ['own', 'shared', 'team']) {
      const times: number[] = [];
      for (let at = 0; at < requests; at += 1) {
        paperlift.database.clear();
        const startedAt = performance.now();
        const answer = await agent.get(`/?scope=${scope}`);
        times.push(performance.now() - startedAt);
        if (answer.status !== 200) throw new Error(`${scope}: ${answer.status}`);
      }
      const p95 = times.toSorted((one, two) => one - two)[Math.floor(requests * 0.95)] ?? 0;
      if (scope === 'own') own = p95;
      rows.push(
        createRow({
          id: `lists-${scope}-p95`,
          what: `List of ${projectCount.toLocaleString('en-US')} projects, ${scope}: p95`,
          value: p95,
          unit: 'ms',
          ...(scope === 'own' ? {} : { beside: { what: 'one’s own', value: own, unit: 'ms' } }),
          target: { of: 'value', atMost: 60 },
          note: `${requests} requests, one after the other`,
        }),
        createRow({
          id: `lists-${scope}-calls`,
          what: `The same: DynamoDB calls`,
          value: paperlift.database.calls.length,
          unit: 'calls',
          target: { of: 'value', atMost: 4 },
        }),
      );
    }
    return rows;
  } finally {
    await paperlift.stop();
  }
}
