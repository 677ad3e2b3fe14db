// Follows texts into OpenSearch. The mark of a text (indexed-texts.store.ts) also counts the versions of its document: who
// writes takes the next number first and reads the text then, so that the highest number has the newest text.
import pMap from 'p-map';
import type { Documents } from '../../aws/clients.ts';
import { deleteIf, updateIf } from '../../aws/conditions.ts';
import type { DefaultLanguages } from '../../pages/language-of-page.ts';
import type { IndexedTexts } from '../indexed-texts.store.ts';
import { type Indexed, keyOfIndexed, manifestKey } from '../posting.ts';
import type { TextFollowing } from '../search-engine.ts';
import type { createBulkWrites, DocumentWrite } from './bulk-writes.ts';
import { buildDocument, documentId } from './document.ts';

interface Dependencies {
  documents: Documents;
  table: string;
  indexed: IndexedTexts;
  writeAll: ReturnType<typeof createBulkWrites>;
  defaultLanguages: DefaultLanguages;
  now: () => Date;
}

/** A write, and what its mark was when it was begun. */
interface Begun extends DocumentWrite {
  what: Indexed;
  announced: number | undefined;
}

const atOnce = 8;
const inOneRequest = 50;
/** A mark that is made anew begins at the time of day: so much may clocks of processes differ. */
const clockSkewMs = 60_000;
const maxAttempts = 5;

export function createOpenSearchFollower(dependencies: Dependencies): TextFollowing {
  const { documents, table, indexed, writeAll, defaultLanguages, now } = dependencies;

  async function takeVersion(what: Indexed, by: number) {
    const { Attributes } = await documents.update({
      TableName: table,
      Key: manifestKey(what),
      UpdateExpression: `SET projectId = :project, ${what.pageId ? 'pageId = :page, ' : ''}documentVersion = if_not_exists(documentVersion, :now) + :by`,
      ExpressionAttributeValues: {
        ':project': what.projectId,
        ...(what.pageId ? { ':page': what.pageId } : {}),
        ':now': now().getTime(),
        ':by': by,
      },
      ReturnValues: 'ALL_NEW',
    });
    return {
      version: Number(Attributes?.documentVersion),
      announced: Attributes?.announced as number | undefined,
    };
  }

  async function begin(what: Indexed, by: number): Promise<Begun> {
    const mark = await takeVersion(what, by);
    const project = await indexed.read(keyOfIndexed({ projectId: what.projectId }));
    const found = await indexed.textOf(what, project);
    const document =
      project && found ? await buildDocument(what, project, found, defaultLanguages) : undefined;
    return { what, id: documentId(what), document, ...mark };
  }

  /** Takes the mark off, unless the text has changed since or someone else writes it, who then takes it off. */
  async function end({ what, version, announced, document }: Begun) {
    const nothingCame = `documentVersion = :version AND ${announced === undefined ? 'attribute_not_exists(announced)' : 'announced = :announced'}`;
    const condition = {
      TableName: table,
      Key: manifestKey(what),
      ConditionExpression: nothingCame,
      ExpressionAttributeValues: {
        ':version': version,
        ...(announced === undefined ? {} : { ':announced': announced }),
      },
    };
    if (document) await updateIf(documents, { ...condition, UpdateExpression: 'REMOVE dueKey, dueAt' });
    else await deleteIf(documents, condition);
  }

  /** Whether nobody has taken a later version: then it was a clock that was ahead, which refused this one. */
  async function isLatest({ what, version }: Begun): Promise<boolean> {
    return Number((await indexed.read(manifestKey(what)))?.documentVersion) === version;
  }

  async function followAll(some: Indexed[], attempt = 1): Promise<void> {
    for (let at = 0; at < some.length; at += inOneRequest) {
      const by = attempt === 1 ? 1 : clockSkewMs;
      const begun = await pMap(some.slice(at, at + inOneRequest), (what) => begin(what, by), {
        concurrency: atOnce,
      });
      const refused = await writeAll(begun);
      const again: Indexed[] = [];
      for (const each of begun) {
        if (!refused.has(each.id)) await end(each);
        else if (await isLatest(each)) again.push(each.what);
      }
      if (again.length > 0 && attempt < maxAttempts) await followAll(again, attempt + 1);
    }
  }

  const follow = (what: Indexed) => followAll([what]);

  return {
    announce: indexed.announce,
    follow,
    following: (what, change) => indexed.following(what, change, follow),

    async forget(projectId) {
      for (;;) {
        const marked = await indexed.listMarked(projectId, 100);
        if (marked.length === 0) return;
        await followAll(marked);
      }
    },

    async followOwner(projectId) {
      await followAll(await indexed.listMarked(projectId));
    },
  };
}
