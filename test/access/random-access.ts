// Random organisations, teams, shares and revocations, from a seed. A model of its own, written from docs/access.md and not
// from the code that decides, says what each person may list, open, search, change and download after each step.
import assert from 'node:assert/strict';
import type { MemberRole } from '../../src/people/permissions.ts';
import type { Person } from '../../src/people/person.ts';
import { addPage } from '../search/stage.ts';
import type { Paperlift } from '../support/paperlift.ts';
import { createRandom } from '../support/random.ts';
import { buildPerson } from '../support/session-of.ts';

type Role = 'users' | 'auditors' | 'records' | 'admins';
interface Model {
  id: string;
  name: string;
  word: string;
  organisation: string;
  owner: string;
  members: Map<string, MemberRole>;
  pageId: string;
}

const roles: Role[] = ['users', 'users', 'users', 'auditors', 'records', 'admins'];
const memberRoles: MemberRole[] = ['viewer', 'reviewer', 'editor'];
const letters = 'abcdefghijklmnopqrstuvwxyz';

/** Takes that many steps, each followed by what one person sees. */
export async function walk({ services }: Paperlift, { seed, steps }: { seed: number; steps: number }) {
  const random = createRandom(seed);
  const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)] as T;
  const { projects, sharing, search, pages, people, stores } = services;
  const organisations = [`north-${seed}`, `south-${seed}`];
  const teamsOf = new Map(
    organisations.map((id) => [
      id,
      ['Red', 'Blue'].map((name) => ({ id: `t-${id}-${name}`, name: `${name} ${id}` })),
    ]),
  );
  const everyone: Person[] = [];
  for (const organisationId of organisations) {
    await stores.teams.save(organisationId, teamsOf.get(organisationId) ?? []);
    for (const [at, role] of roles.entries()) {
      const person = buildPerson(`P${at} ${organisationId}`, {
        organisationId,
        groups: [`paperlift-${role}`],
      });
      everyone.push(person);
      await people.save(person, new Date());
    }
  }
  const all: Model[] = [];

  const has = (person: Person, ...wanted: Role[]) =>
    wanted.some((role) => person.groups.includes(`paperlift-${role}`));
  const owns = (person: Person, { owner }: Model) =>
    [person.id, ...person.teams.map(({ id }) => id)].includes(owner);
  const shareOf = (person: Person, { members }: Model): number =>
    Math.max(
      -1,
      ...[person.id, ...person.teams.map(({ id }) => id)].map((id) =>
        memberRoles.indexOf(members.get(id) as MemberRole),
      ),
    );
  /** 0 nothing, 1 view, 2 review, 3 edit, 4 manage. */
  function rights(person: Person, project: Model): number {
    if (person.organisationId !== project.organisation) return 0;
    if (has(person, 'admins')) return 4;
    const part = has(person, 'users', 'records')
      ? owns(person, project)
        ? 4
        : shareOf(person, project) + 1
      : 0;
    return Math.max(part, has(person, 'auditors', 'records') ? 1 : 0);
  }
  const takesPart = (person: Person, project: Model) =>
    person.organisationId === project.organisation &&
    has(person, 'users', 'records', 'admins') &&
    (owns(person, project) || shareOf(person, project) >= 0);

  async function create(): Promise<string> {
    const person = pick(everyone.filter((each) => has(each, 'users', 'admins')));
    if (!person) return 'no one may create';
    const team = random() < 0.3 ? pick(person.teams) : undefined;
    const word = Array.from({ length: 10 }, () => pick([...letters])).join('');
    const name = `Project ${all.length} ${word.slice(0, 3)}`;
    const made = await projects.create(person, { name, ...(team ? { teamId: team.id } : {}) });
    const pageId = await addPage({ services } as Paperlift, made.id, [`marker ${word}`]);
    const { organisationId: organisation } = person;
    all.push({
      id: made.id,
      name,
      word,
      organisation,
      owner: team?.id ?? person.id,
      members: new Map(),
      pageId,
    });
    return `${person.id} creates ${name}`;
  }

  /** Someone tries something in a project; it works exactly if the model says so. */
  async function attempt(
    person: Person,
    project: Model,
    needs: number,
    act: () => Promise<unknown>,
  ): Promise<boolean> {
    const may = rights(person, project) >= needs;
    const error = await act().then(
      () => undefined,
      (failure) => failure as { code?: string },
    );
    const refusal = ['project-not-found', 'read-only', 'owner-only'].includes(error?.code ?? '');
    assert.equal(!refusal, may, `${person.id} in ${project.name} (needs ${needs}): ${error?.code}`);
    return error === undefined;
  }

  async function change(): Promise<string> {
    const project = pick(all);
    const mighty = everyone.filter((each) => rights(each, project) === 4);
    const person = (random() < 0.6 ? pick(mighty) : undefined) ?? pick(everyone);
    const own = everyone.filter(({ organisationId }) => organisationId === project.organisation);
    const grantees = [
      ...own.map(({ id }) => id),
      ...(teamsOf.get(project.organisation) ?? []).map(({ id }) => id),
    ];
    const target = random() < 0.1 ? pick(everyone).id : pick(grantees);
    const isKnown = grantees.includes(target);
    const dice = random();
    if (dice < 0.4) {
      const role = pick(memberRoles);
      const isDone = await attempt(person, project, 4, () =>
        sharing.share(person, project.id, { id: target, role }),
      );
      if (isDone) {
        assert.ok(
          isKnown && target !== project.owner,
          'shared with someone of another organisation, or its owner',
        );
        project.members.set(target, role);
      }
      return `${person.id} shares ${project.name} with ${target} as ${role}: ${isDone}`;
    }
    if (dice < 0.7) {
      const member = pick([...project.members.keys(), target]);
      const needs = member === person.id ? 1 : 4;
      const isDone = await attempt(person, project, needs, () => sharing.unshare(person, project.id, member));
      if (isDone) project.members.delete(member);
      return `${person.id} takes ${project.name} from ${member}: ${isDone}`;
    }
    if (dice < 0.8) {
      const isDone = await attempt(person, project, 4, () => sharing.handOver(person, project.id, target));
      if (isDone) {
        assert.ok(isKnown);
        const before = project.owner;
        project.members.delete(target);
        project.owner = target;
        if (before === person.id && !person.teams.some(({ id }) => id === target))
          project.members.set(person.id, 'editor');
      }
      return `${person.id} hands ${project.name} over to ${target}: ${isDone}`;
    }
    if (dice < 0.83 && all.length > 6) {
      const isDone = await attempt(person, project, 4, () => projects.remove(person, project.id));
      if (isDone) all.splice(all.indexOf(project), 1);
      return `${person.id} deletes ${project.name}: ${isDone}`;
    }
    if (dice < 0.93) {
      person.teams = (teamsOf.get(person.organisationId) ?? []).filter(() => random() < 0.4);
      await people.save(person, new Date());
      return `${person.id} is now in ${person.teams.map(({ name }) => name).join(', ') || 'no team'}`;
    }
    person.groups = [`paperlift-${pick(roles)}`];
    await people.save(person, new Date());
    return `${person.id} is now of ${person.groups.join()}`;
  }

  async function check() {
    const project = pick(all);
    const sharing = everyone.filter((each) => takesPart(each, project) && !owns(each, project));
    const person = (random() < 0.5 ? pick(sharing) : undefined) ?? pick(everyone);
    const scopes = [
      'own',
      'shared',
      'team',
      ...(has(person, 'admins', 'auditors', 'records') ? ['all'] : []),
    ] as const;
    const scope = pick(scopes) as 'own' | 'shared' | 'team' | 'all';
    const wanted = all.filter((each) => {
      if (each.organisation !== person.organisationId) return false;
      if (scope === 'all') return true;
      if (scope === 'own') return each.owner === person.id && rights(person, each) > 0;
      if (scope === 'team')
        return person.teams.some(({ id }) => id === each.owner) && rights(person, each) > 0;
      return takesPart(person, each) && !owns(person, each);
    });
    const order = pick(['newest', 'name', 'changed'] as const);
    const list = await projects.list(person, { scope, order, limit: 100 });
    assert.deepEqual(
      list.items.map(({ project: { name } }) => name).sort(),
      wanted.map(({ name }) => name).sort(),
      `${person.id} lists ${scope} by ${order}`,
    );
    const level = rights(person, project);
    for (const [needs, action] of [
      [1, 'view'],
      [2, 'review'],
      [3, 'edit'],
      [4, 'manage'],
    ] as const)
      await attempt(person, project, needs, () => projects.open(person, project.id, action));
    const shown = await pages
      .openImage(person, project.id, project.pageId, { kind: 'image' })
      .catch(({ code }) => code);
    assert.equal(
      shown === 'project-not-found',
      level === 0,
      `${person.id} downloads from ${project.name}: ${shown}`,
    );
    const found = await search.search(person, { q: project.word, scope: 'mine', limit: 10 });
    const isFound = found.items.some((hit) => hit.project.id === project.id);
    assert.equal(isFound, takesPart(person, project), `${person.id} searches for ${project.word}`);
    assert.equal(found.items.length, isFound ? 1 : 0);
  }

  const taken: string[] = [];
  for (let step = 1; step <= steps; step += 1) {
    try {
      taken.push(all.length < 8 && (all.length === 0 || random() < 0.5) ? await create() : await change());
      if (all.length > 0) await check();
    } catch (error) {
      throw new Error(`seed ${seed}, step ${step}:\n${taken.slice(-12).join('\n')}`, { cause: error });
    }
  }
}
