// Mirrors a person and the memberships into the Cognito user pool, so that tokens from the pool say the same.
import {
  AdminAddUserToGroupCommand,
  AdminCreateUserCommand,
  AdminGetUserCommand,
  AdminListGroupsForUserCommand,
  AdminRemoveUserFromGroupCommand,
  type CognitoIdentityProviderClient,
} from '@aws-sdk/client-cognito-identity-provider';
import type { PersonStore } from './person.store.ts';
import type { GroupNames, Person } from './person.ts';

interface Dependencies {
  cognito: CognitoIdentityProviderClient;
  userPoolId: string;
  groupNames: GroupNames;
  people: Pick<PersonStore, 'linkPoolUser'>;
}

/**
 * Users are named by mail address. Only memberships of Paperlift's own groups are changed.
 * See the AdminCreateUser, AdminAddUserToGroup and AdminRemoveUserFromGroup pages of the Cognito API reference.
 */
export function createPoolMirror({ cognito, userPoolId, groupNames, people }: Dependencies) {
  const ours = Object.values(groupNames);

  async function findUsername(email: string): Promise<string | undefined> {
    try {
      const user = await cognito.send(new AdminGetUserCommand({ UserPoolId: userPoolId, Username: email }));
      return user.Username;
    } catch (error) {
      if ((error as Error).name === 'UserNotFoundException') return undefined;
      throw error;
    }
  }

  async function createUser(person: Person): Promise<string> {
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
    );
    return created.User?.Username ?? person.email;
  }

  async function listGroups(username: string): Promise<string[]> {
    const answer = await cognito.send(
      new AdminListGroupsForUserCommand({ UserPoolId: userPoolId, Username: username }),
    );
    return (answer.Groups ?? []).flatMap((group) => group.GroupName ?? []);
  }

  return {
    async mirror(person: Person) {
      const username = (await findUsername(person.email)) ?? (await createUser(person));
      const current = await listGroups(username);
      const user = { UserPoolId: userPoolId, Username: username };
      for (const GroupName of person.groups.filter((group) => !current.includes(group))) {
        await cognito.send(new AdminAddUserToGroupCommand({ ...user, GroupName }));
      }
      for (const GroupName of ours.filter(
        (group) => current.includes(group) && !person.groups.includes(group),
      )) {
        await cognito.send(new AdminRemoveUserFromGroupCommand({ ...user, GroupName }));
      }
      await people.linkPoolUser({ username, person });
    },
  };
}

export type PoolMirror = ReturnType<typeof createPoolMirror>;
