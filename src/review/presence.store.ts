// Who has a page open right now: one item a page, with an attribute for each person that says until when. One write both
// says that someone is there and answers who else is (docs/decisions/0061).
import type { Documents } from '../aws/clients.ts';
import { projectPartition } from '../projects/project.keys.ts';

interface Dependencies {
  documents: Documents;
  table: string;
  now: () => Date;
}

interface Someone {
  id: string;
  name: string;
}

interface Seen {
  name: string;
  until: string;
}

/** Three of the polls that renew it (public/site/watch.js). */
const presentMs = 60_000;
/** More people than this on one page: those who left are removed from its item. */
const peopleKept = 20;

const prefix = 'at-';

export function createPresenceStore({ documents, table, now }: Dependencies) {
  const keyOf = (projectId: string, pageId: string) => ({
    pk: projectPartition(projectId),
    sk: `VIEWERS#${pageId}`, // beyond what a project's page reads
  });

  return {
    /** Notes that the person has the page open. Returns everyone else who has, by name. */
    async see(projectId: string, pageId: string, { id, name }: Someone): Promise<string[]> {
      const at = now().getTime();
      const until = new Date(at + presentMs).toISOString();
      const { Attributes = {} } = await documents.update({
        TableName: table,
        Key: keyOf(projectId, pageId),
        UpdateExpression: 'SET #me = :me, expiresAt = :expiresAt',
        ExpressionAttributeNames: { '#me': prefix + id },
        ExpressionAttributeValues: {
          ':me': { name, until },
          ':expiresAt': Math.ceil((at + presentMs) / 1000),
        },
        ReturnValues: 'ALL_NEW',
      });
      const seen = Object.entries(Attributes).filter(([key]) => key.startsWith(prefix)) as [string, Seen][];
      const isThere = ([, there]: [string, Seen]) => there.until > new Date(at).toISOString();
      const gone = seen.filter((each) => !isThere(each)).map(([key]) => key);
      if (gone.length > peopleKept) await forget(projectId, pageId, gone);
      return seen
        .filter((each) => isThere(each) && each[0] !== prefix + id)
        .map(([, there]) => there.name)
        .sort((one, other) => one.localeCompare(other, 'en'));
    },
  };

  async function forget(projectId: string, pageId: string, keys: string[]) {
    await documents.update({
      TableName: table,
      Key: keyOf(projectId, pageId),
      UpdateExpression: `REMOVE ${keys.map((_, at) => `#gone${at}`).join(', ')}`,
      ExpressionAttributeNames: Object.fromEntries(keys.map((key, at) => [`#gone${at}`, key])),
    });
  }
}

export type PresenceStore = ReturnType<typeof createPresenceStore>;
