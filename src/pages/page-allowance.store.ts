// How many pages a person may add in a day (UTC): one item for each person and day, counted by conditional updates, so
// that all instances together keep the limit. Deleted pages count, because they were processed.
import type { Documents } from '../aws/clients.ts';
import { updateIf } from '../aws/conditions.ts';
import { limitReached } from './allowance.errors.ts';
import type { Allowance } from './allowance.ts';
import type { OrganisationUsage } from './organisation-usage.store.ts';

interface Dependencies {
  documents: Documents;
  table: string;
  /** 0: no limit. */
  pagesPerDay: number;
  /** Counts for the organisation, too. */
  usage: Pick<OrganisationUsage, 'take' | 'giveBack'>;
  now: () => Date;
}

/** Who adds pages. */
interface Uploader {
  id: string;
  organisationId: string;
}

/** Pages that were counted, to be released when they are not created. */
export interface Taken {
  day: string;
  pages: number;
}

const dayMs = 24 * 60 * 60_000;
/** Kept a little longer than a day, for uploads that began before midnight. */
const keptMs = 2 * dayMs;

export function createPageAllowance({ documents, table, pagesPerDay, usage, now }: Dependencies) {
  /** No limit is one that no one reaches. */
  const most = pagesPerDay || Number.MAX_SAFE_INTEGER;
  const keyOf = (personId: string, day: string) => ({ pk: `PERSON#${personId}`, sk: `PAGES#${day}` });
  const today = () => now().toISOString().slice(0, 10);

  async function read(personId: string) {
    const Key = keyOf(personId, today());
    const { Item } = await documents.get({ TableName: table, Key, ConsistentRead: true });
    return { pages: Number(Item?.pages ?? 0), files: (Item?.files ?? new Set()) as Set<string> };
  }

  function present(pages: number): Allowance {
    const midnight = new Date(Date.parse(`${today()}T00:00:00Z`) + dayMs);
    return { pagesPerDay, pagesLeft: Math.max(0, pagesPerDay - pages), resetsAt: midnight };
  }

  /** `false`: fewer are left, or this file was already counted. */
  async function add(personId: string, { day, pages }: Taken, fileId?: string): Promise<boolean> {
    const expiresAt = Math.floor((Date.parse(`${day}T00:00:00Z`) + keptMs) / 1000);
    const isEnough = 'attribute_not_exists(pages) OR pages <= :most';
    const added = await updateIf(documents, {
      TableName: table,
      Key: keyOf(personId, day),
      UpdateExpression: `SET expiresAt = :expiresAt ADD pages :pages${fileId ? ', files :files' : ''}`,
      ConditionExpression: fileId ? `(${isEnough}) AND NOT contains(files, :file)` : isEnough,
      ExpressionAttributeValues: {
        ':pages': pages,
        ':most': most - pages,
        ':expiresAt': expiresAt,
        ...(fileId ? { ':file': fileId, ':files': new Set([fileId]) } : {}),
      },
    });
    return added !== undefined;
  }

  async function refuse(personId: string, pages: number): Promise<never> {
    throw limitReached(present((await read(personId)).pages), pages, now());
  }

  return {
    /** `undefined`: no limit. */
    async view(personId: string): Promise<Allowance | undefined> {
      return pagesPerDay === 0 ? undefined : present((await read(personId)).pages);
    },

    /**
     * Counts pages before they are created. Throws `page-limit-reached` or
     * `organisation-pages-reached` when fewer are left; then nothing is counted.
     */
    async take({ id, organisationId }: Uploader, pages: number): Promise<Taken> {
      const taken = { day: today(), pages };
      if (pages === 0) return taken;
      await usage.take(organisationId, taken.day, pages);
      // a negative :most would accept an item that does not exist yet
      if (pages <= most && (await add(id, taken))) return taken;
      await usage.giveBack(organisationId, taken.day, pages);
      return refuse(id, pages);
    },

    /** Counts the pages of a file, once a day however often this is called. */
    async takeFile({ id, organisationId }: Uploader, fileId: string, pages: number) {
      if (pages === 0) return;
      const day = today();
      await usage.take(organisationId, day, pages);
      if (pages <= most && (await add(id, { day, pages }, fileId))) return;
      await usage.giveBack(organisationId, day, pages);
      const found = await read(id);
      if (!found.files.has(fileId)) throw limitReached(present(found.pages), pages, now());
    },

    async giveBack({ id, organisationId }: Uploader, { day }: Taken, pages: number) {
      if (pages === 0) return;
      await usage.giveBack(organisationId, day, pages);
      await updateIf(documents, {
        TableName: table,
        Key: keyOf(id, day),
        UpdateExpression: 'ADD pages :less',
        ConditionExpression: 'pages >= :pages',
        ExpressionAttributeValues: { ':less': -pages, ':pages': pages },
      });
    },
  };
}

export type PageAllowance = ReturnType<typeof createPageAllowance>;
