// With whom a project is shared, and who of them is to review it. Both lie on the project's own item.
import type { Documents } from '../aws/clients.ts';
import { updateIf } from '../aws/conditions.ts';
import { reviewingRoles } from './assignment.ts';
import type { Assignment, Project, ProjectMember } from './project.ts';
import { projectKey, toProject } from './project-item.ts';
import type { ProjectSummaries } from './project-summary.store.ts';
import type { SharedEntries } from './shared-entries.store.ts';

interface Dependencies {
  documents: Documents;
  table: string;
  summaries: Pick<ProjectSummaries, 'copy' | 'touch'>;
  shared: Pick<SharedEntries, 'put' | 'remove'>;
}

/** With how many people, teams and service accounts a project can be shared. */
const maxMembers = 100;

const stillThere = 'attribute_exists(pk) AND attribute_not_exists(deletedAt)';

export function createProjectMembers({ documents, table, summaries, shared }: Dependencies) {
  /** Changes what the project's item says of a member. Where they may no longer review, an assignment goes with it. */
  async function changeMember(
    projectId: string,
    memberId: string,
    isUnassigned: boolean,
    change: Pick<Parameters<typeof updateIf>[1], 'UpdateExpression' | 'ConditionExpression'> & {
      ExpressionAttributeValues?: Record<string, unknown>;
    },
  ) {
    const { UpdateExpression, ConditionExpression } = change;
    const update = {
      ...change,
      TableName: table,
      Key: projectKey(projectId),
      ExpressionAttributeNames: { '#id': memberId },
      ReturnValues: 'ALL_NEW',
    } as const;
    const isRemoval = UpdateExpression.startsWith('REMOVE');
    const unassigned = isUnassigned
      ? await updateIf(documents, {
          ...update,
          UpdateExpression: `${UpdateExpression}${isRemoval ? ', ' : ' REMOVE '}assignment`,
          ConditionExpression: `${ConditionExpression} AND assignment.id = :assignee`,
          ExpressionAttributeValues: { ...change.ExpressionAttributeValues, ':assignee': memberId },
        })
      : undefined;
    return unassigned ?? updateIf(documents, update);
  }

  async function removeRole(projectId: string, memberId: string, isUnassigned: boolean) {
    const isMember = 'attribute_exists(members.#id) AND attribute_not_exists(deletedAt)';
    const changed = await changeMember(projectId, memberId, isUnassigned, {
      UpdateExpression: 'REMOVE members.#id',
      ConditionExpression: isMember,
    });
    if (!changed) return undefined;
    await shared.remove(projectId, memberId);
    return toProject(changed);
  }

  return {
    /**
     * Shares the project, or changes the member's role. `undefined`: the project is gone, or has as many members as it can
     * have. Marked as stale first, so that the sweeper makes the entries when this process ends in between.
     */
    async setMember(projectId: string, member: ProjectMember): Promise<Project | undefined> {
      await summaries.touch(projectId);
      await updateIf(documents, {
        TableName: table,
        Key: projectKey(projectId),
        UpdateExpression: 'SET members = :none',
        ConditionExpression: `${stillThere} AND attribute_not_exists(members)`, // a map exists before something is put in
        ExpressionAttributeValues: { ':none': {} },
      });
      const isRoom = 'size(members) < :most OR attribute_exists(members.#id)';
      const changed = await changeMember(projectId, member.id, !reviewingRoles.includes(member.role), {
        UpdateExpression: 'SET members.#id = :member',
        ConditionExpression: `${stillThere} AND (${isRoom})`,
        ExpressionAttributeValues: { ':member': member, ':most': maxMembers },
      });
      if (!changed) return undefined;
      const project = toProject(changed);
      await shared.put(project, member.id, new Date(member.since).toISOString());
      return project;
    },

    /**
     * Takes it back, with an assignment. `undefined`: the project is gone, or was not shared with them. Marked as stale
     * first, as above.
     */
    async removeMember(projectId: string, memberId: string): Promise<Project | undefined> {
      await summaries.touch(projectId);
      return removeRole(projectId, memberId, true);
    },

    /** Of someone who owns the project now: what is assigned to them stays so. */
    dropRole: (projectId: string, memberId: string) => removeRole(projectId, memberId, false),

    /**
     * Assigns its review to someone, or to no one. `undefined`: the project is gone, or they may not review it. Marked as
     * stale first, so that the sweeper carries the queue over when this process ends in between.
     */
    async assign(projectId: string, assignment: Assignment | undefined): Promise<Project | undefined> {
      await summaries.touch(projectId);
      const mayReview = `ownerId = :id OR members.#id.#role IN (${reviewingRoles.map((_, at) => `:role${at}`).join(', ')})`;
      const changed = await updateIf(
        documents,
        assignment
          ? {
              TableName: table,
              Key: projectKey(projectId),
              UpdateExpression: 'SET assignment = :assignment',
              ConditionExpression: `${stillThere} AND (${mayReview})`, // also of those who are unshared at this moment
              ExpressionAttributeNames: { '#id': assignment.id, '#role': 'role' },
              ExpressionAttributeValues: {
                ':assignment': assignment,
                ':id': assignment.id,
                ...Object.fromEntries(reviewingRoles.map((role, at) => [`:role${at}`, role])),
              },
              ReturnValues: 'ALL_NEW',
            }
          : {
              TableName: table,
              Key: projectKey(projectId),
              UpdateExpression: 'REMOVE assignment',
              ConditionExpression: stillThere,
              ReturnValues: 'ALL_NEW',
            },
      );
      if (!changed) return undefined;
      const project = toProject(changed);
      await summaries.copy(project);
      return project;
    },
  };
}
