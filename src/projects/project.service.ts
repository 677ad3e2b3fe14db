import { ulid as makeUlid } from 'ulid';
import type { AuditService } from '../audit/audit.service.ts';
import type { BlobStore } from '../aws/blob-store.ts';
import { notFound, PaperliftError } from '../errors.ts';
import type { ProjectAction } from '../people/permissions.ts';
import type { Person } from '../people/person.ts';
import type { Policies } from '../people/policies.ts';
import { type Language, nameLanguages } from '../text/languages.ts';
import { notInTeam, refuse } from './project.errors.ts';
import type { ProjectStore } from './project.store.ts';
import {
  type ListScope,
  type Project,
  type ProjectChange,
  type ProjectOrder,
  projectPrefix,
  uploadsPrefix,
} from './project.ts';
import type { ProjectContents, ProjectContentsStore } from './project-contents.store.ts';
import type { ListedWhose } from './project-list-places.ts';
import type { ListedProject } from './project-summary.ts';

interface Dependencies {
  projects: ProjectStore;
  contents: ProjectContentsStore;
  blobs: BlobStore;
  policies: Policies;
  texts: {
    /** Removes a deleted project from the search index. */
    forget: (projectId: string) => Promise<void>;
  };
  audit: Pick<AuditService, 'record' | 'recordChange' | 'recordRead'>;
  /** Told once a project is hidden. What fails here is done when the project is erased. */
  onRemoved: (projectId: string) => Promise<unknown>;
  now: () => Date;
}

export interface ProjectListQuery {
  scope: ListScope;
  /** Newest first by default. */
  order?: ProjectOrder;
  /** Words in the name. */
  search?: string | undefined;
  cursor?: string | undefined;
  /** The page size of the list. */
  limit: number;
}

/** After this a deleted project is swept again: by then every upload or job that was in flight has ended. */
const deletedAgainMs = 15 * 60_000;

export function createProjectService({
  projects,
  contents,
  blobs,
  policies,
  texts,
  audit,
  onRemoved,
  now,
}: Dependencies) {
  /** The project, for anyone who may read it. Others get the same answer as for a project that does not exist. */
  async function read(person: Person, projectId: string): Promise<Project> {
    const project = await projects.find(projectId);
    if (!project || !policies.mayInProject(person, 'view', project)) throw notFound('project');
    return project;
  }

  /** The project, for anyone who may do this in it. */
  async function open(person: Person, projectId: string, action: ProjectAction = 'edit'): Promise<Project> {
    const project = await read(person, projectId);
    if (!policies.mayInProject(person, action, project)) throw refuse(policies, person, action, project);
    return project;
  }

  /** The same with all that the project's page shows, read by one query. */
  async function readContents(
    person: Person,
    projectId: string,
  ): Promise<ListedProject & { contents: ProjectContents }> {
    const found = await contents.read(projectId);
    const listed = projects.findIn(found);
    if (!listed || !policies.mayInProject(person, 'view', listed.project)) throw notFound('project');
    return { ...listed, contents: found };
  }

  async function removeEverything(projectId: string) {
    await projects.removeContents(projectId);
    await blobs.removeBelow(projectPrefix(projectId));
    await blobs.removeBelow(uploadsPrefix(projectId));
  }

  return {
    read,
    open,

    /** The project as viewed. Audited when it is someone else's. */
    async view(person: Person, projectId: string): Promise<Project> {
      const project = await read(person, projectId);
      await audit.recordRead({ ...aboutProject(person, project), action: 'project.viewed' });
      return project;
    },

    readContents,

    /** The same without a person: for work that an organisation's administrators ordered. */
    async findContents(projectId: string): Promise<ListedProject & { contents: ProjectContents }> {
      const found = await contents.read(projectId);
      const listed = projects.findIn(found);
      if (!listed) throw notFound('project');
      return { ...listed, contents: found };
    },

    /** The same, for who may do this in it. */
    async openContents(person: Person, projectId: string, action: ProjectAction = 'edit') {
      const read = await readContents(person, projectId);
      if (!policies.mayInProject(person, action, read.project))
        throw refuse(policies, person, action, read.project);
      return read;
    },

    /** The same, as viewed. Audited when the project is someone else's. */
    async viewContents(person: Person, projectId: string) {
      const read = await readContents(person, projectId);
      await audit.recordRead({ ...aboutProject(person, read.project), action: 'project.viewed' });
      return read;
    },

    /** Whether the project still exists, for work that began earlier. */
    exists: async (projectId: string): Promise<boolean> => Boolean(await projects.find(projectId)),

    async create(
      person: Person,
      {
        name,
        languages,
        teamId,
      }: { name: string; languages?: Language[] | undefined; teamId?: string | undefined },
    ): Promise<Project> {
      if (!policies.may(person, 'projects.create')) {
        throw new PaperliftError('forbidden', {
          code: 'may-not-create',
          message: 'You can’t create projects.',
          hint: 'To create projects, ask an administrator to add you to a group of users.',
        });
      }
      const team = person.teams.find(({ id }) => id === teamId);
      if (teamId !== undefined && !team) throw notInTeam();
      const createdAt = now();
      const project = {
        id: makeUlid(createdAt.getTime()),
        name,
        organisationId: person.organisationId,
        ownerId: team?.id ?? person.id,
        ownerName: team?.name ?? person.name,
        createdAt: createdAt.toISOString(),
        ...(languages?.length ? { languages } : {}),
      };
      await audit.recordChange(
        { ...aboutProject(person, project), action: 'project.created', detail: `“${name}”` },
        () => projects.create(project),
      );
      return project;
    },

    async list(person: Person, { scope, order = 'newest', search, cursor, limit }: ProjectListQuery) {
      const query = { order, limit, ...(search && { search }), ...(cursor && { cursor }) };
      const teams = person.teams.map(({ id }) => id);
      if (scope !== 'all') {
        const whose: ListedWhose =
          scope === 'own'
            ? { ownedBy: [person.id] }
            : scope === 'team'
              ? { ownedBy: teams }
              : { sharedWith: [person.id, ...teams] };
        const list = await projects.list({ ...query, whose });
        // an entry may be older than the project, which alone says with whom it is shared
        const items = list.items.filter(({ project }) =>
          scope === 'shared'
            ? policies.takesPart(person, project) && policies.relationTo(person, project) !== 'owner'
            : policies.mayInProject(person, 'view', project),
        );
        return { ...list, items };
      }
      if (!policies.may(person, 'projects.list-all')) {
        throw new PaperliftError('forbidden', {
          code: 'may-not-list-all',
          message: 'Only administrators and auditors can list everyone’s projects.',
          hint: 'Remove "scope=all".',
        });
      }
      await audit.recordRead({ actor: person, action: 'projects.listed' });
      return projects.list({ ...query, whose: { organisationId: person.organisationId } });
    },

    /** Renames the project, or chooses its languages: those of the pages that are processed from now on. */
    async change(person: Person, projectId: string, change: ProjectChange): Promise<Project> {
      const project = await open(person, projectId);
      return audit.recordChange(
        { ...aboutProject(person, project), ...describeChange(project, change) },
        async () => {
          const changed = await projects.change(projectId, change);
          if (!changed) throw notFound('project');
          return changed;
        },
      );
    },

    /** Deletes the project: hidden at once; its items and objects are gone when this returns. */
    async remove(person: Person, projectId: string) {
      const project = await open(person, projectId, 'manage');
      const deletedAt = now();
      const sweptAt = new Date(deletedAt.getTime() + deletedAgainMs);
      await audit.recordChange({ ...aboutProject(person, project), action: 'project.deleted' }, async () => {
        if (!(await projects.markDeleted(projectId, deletedAt, sweptAt))) throw notFound('project');
      });
      await removeEverything(projectId);
      await onRemoved(projectId).catch(() => {});
    },

    /** For the sweeper: deletes what was added to a project while it was being deleted, then the project. */
    async finishRemoval(projectId: string) {
      await removeEverything(projectId);
      await texts.forget(projectId);
      await audit.record({ actor: 'system', action: 'project.erased', projectId });
      await projects.remove(projectId);
    },
  };
}

export type ProjectService = ReturnType<typeof createProjectService>;

/** For the audit trail. */
function describeChange(project: Project, { name, languages }: ProjectChange) {
  const renamed = name === undefined ? [] : [`“${project.name}” → “${name}”`];
  if (languages === undefined) return { action: 'project.renamed', detail: renamed.join() } as const;
  const say = (tags: Language[] = []) => nameLanguages(tags) || 'not chosen';
  const chosen = `languages: ${say(project.languages)} → ${say(languages)}`;
  return { action: 'project.changed', detail: [...renamed, chosen].join('; ') } as const;
}

/** Who, which project and whose: the beginning of every entry in a project's trail. */
export function aboutProject(person: Person, { id, name, ownerId, organisationId }: Project) {
  const isOwn = ownerId === person.id || person.teams.some((team) => team.id === ownerId);
  return {
    actor: person,
    projectId: id,
    projectName: name,
    organisationId,
    ownerId: isOwn ? person.id : ownerId,
  };
}
