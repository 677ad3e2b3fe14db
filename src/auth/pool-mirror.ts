// Mirrors people and their groups into the Cognito user pool, so that the pool's tokens carry the same groups.
import {
  AdminAddUserToGroupCommand,
  AdminCreateUserCommand,
  AdminGetUserCommand,
  AdminListGroupsForUserCommand,
  AdminRemoveUserFromGroupCommand,
  AdminUserGlobalSignOutCommand,
  type CognitoIdentityProviderClient,
  CreateGroupCommand,
} from '@aws-sdk/client-cognito-identity-provider';
import { organisationOf } from '../people/organisation.ts';
import type { PersonStore } from '../people/person.store.ts';
import type { Person } from '../people/person.ts';
import type { Logger } from '../runtime/logger.ts';

interface Dependencies {
  cognito: CognitoIdentityProviderClient;
  userPoolId: string;
  /** Those that give roles. */
  groupNames: string[];
  people: Pick<PersonStore, 'find' | 'findByPoolUser' | 'linkPoolUser' | 'markMirrored'>;
  logger: Logger;
}

/** The longest a sign-in waits for the mirror. After that the sweeper repairs it. */
const timeoutMs = 3000;

/**
 * Usernames are email addresses. Only Paperlift's own groups are changed. See AdminCreateUser, AdminAddUserToGroup and
 * AdminRemoveUserFromGroup in the Cognito API reference.
 */
export function createPoolMirror({ cognito, userPoolId, groupNames, people, logger }: Dependencies) {
  type Limit = { abortSignal: AbortSignal };

  async function findUsername(name: string, limit: Limit): Promise<string | undefined> {
    try {
      const user = await cognito.send(
        new AdminGetUserCommand({ UserPoolId: userPoolId, Username: name }),
        limit,
      );
      // where people may sign themselves up, someone may have used another person's address
      const verified = user.UserAttributes?.find((attribute) => attribute.Name === 'email_verified')?.Value;
      if (verified !== 'true')
        throw new Error('The user pool’s user with this email address has not verified it');
      return user.Username;
    } catch (error) {
      if ((error as Error).name === 'UserNotFoundException') return undefined;
      throw error;
    }
  }

  async function createUser(person: Person, limit: Limit): Promise<string> {
    const created = await cognito.send(
      new AdminCreateUserCommand({
        UserPoolId: userPoolId,
        Username: person.email,
        MessageAction: 'SUPPRESS',
        UserAttributes: [
          { Name: 'email', Value: person.email },
          { Name: 'email_verified', Value: 'true' },
        ],
      }),
      limit,
    );
    return created.User?.Username ?? person.email;
  }

  async function listGroups(username: string, limit: Limit): Promise<string[]> {
    const names: string[] = [];
    let NextToken: string | undefined;
    do {
      const answer = await cognito.send(
        new AdminListGroupsForUserCommand({ UserPoolId: userPoolId, Username: username, NextToken }),
        limit,
      );
      names.push(...(answer.Groups ?? []).flatMap((group) => group.GroupName ?? []));
      NextToken = answer.NextToken;
    } while (NextToken);
    return names;
  }

  async function addToGroup(user: { UserPoolId: string; Username: string }, GroupName: string, limit: Limit) {
    const add = () => cognito.send(new AdminAddUserToGroupCommand({ ...user, GroupName }), limit);
    try {
      await add();
    } catch (error) {
      // Cognito's error for a group that does not exist
      if ((error as Error).name !== 'ResourceNotFoundException') throw error;
      await cognito
        .send(new CreateGroupCommand({ UserPoolId: userPoolId, GroupName }), limit)
        .catch((failure) => {
          if ((failure as Error).name !== 'GroupExistsException') throw failure;
        });
      await add();
    }
  }

  return {
    /** Makes the pool's groups match `person.groups`. Takes at most three seconds; throws any error. */
    async mirror(person: Person) {
      const limit = { abortSignal: AbortSignal.timeout(timeoutMs) };
      const username = (await findUsername(person.email, limit)) ?? (await createUser(person, limit));
      // an address that two organisations use: the pool's user stays with the one that it mirrors
      const linked = await people.findByPoolUser(username);
      if (linked && linked.organisationId !== organisationOf(person))
        throw new Error(
          'The user pool’s user with this email address mirrors someone of another organisation',
        );
      const current = await listGroups(username, limit);
      const user = { UserPoolId: userPoolId, Username: username };
      // removals first: a partial mirror gives fewer rights, never more
      for (const GroupName of groupNames.filter(
        (group) => current.includes(group) && !person.groups.includes(group),
      )) {
        await cognito.send(new AdminRemoveUserFromGroupCommand({ ...user, GroupName }), limit);
      }
      for (const GroupName of person.groups.filter((group) => !current.includes(group))) {
        await addToGroup(user, GroupName, limit);
      }
      await people.linkPoolUser({ username, person });
      await people.markMirrored(person.id, person.groups, username);
    },

    /** Revokes the person's refresh tokens in the pool. Never throws: Paperlift refuses the tokens anyway. */
    async signOut(personId: string) {
      const username = (await people.find(personId))?.poolUsername;
      if (!username) return;
      try {
        await cognito.send(
          new AdminUserGlobalSignOutCommand({ UserPoolId: userPoolId, Username: username }),
          { abortSignal: AbortSignal.timeout(timeoutMs) },
        );
      } catch (error) {
        // the local stack's stand-in answers this; AWS supports the operation
        if ((error as Error).name === 'Unsupported')
          logger.info({ personId }, 'this user pool does not support global sign-out');
        else logger.warn({ err: error, personId }, 'could not sign the person out of the user pool');
      }
    },
  };
}

export type PoolMirror = ReturnType<typeof createPoolMirror>;
