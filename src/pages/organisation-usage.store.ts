// How much an organisation uses: the pages of each month are counted as they are added; what its projects hold is added up
// from their summaries, once an hour.
import { readBatches } from '../aws/batches.ts';
import type { Documents } from '../aws/clients.ts';
import { updateIf } from '../aws/conditions.ts';
import { PaperliftError } from '../errors.ts';
import type { Organisation } from '../people/organisation.ts';

interface Dependencies {
  documents: Documents;
  table: string;
  organisations: Pick<Organisation, 'id' | 'pagesPerMonth' | 'storageBytes'>[];
  now: () => Date;
}

/** What an organisation's projects held when they were last added up. */
export interface Holdings {
  projects: number;
  pages: number;
  /** Of the originals. */
  bytes: number;
  /** ISO 8601. */
  addedUpAt: string;
}

/** Kept for a year, for the administrators' view. */
const monthKeptMs = 400 * 24 * 60 * 60_000;
const addedUpEveryMs = 60 * 60_000;

const partitionOf = (organisationId: string) => `ORGANISATION#${organisationId}`;
const monthKey = (organisationId: string, month: string) => ({
  pk: partitionOf(organisationId),
  sk: `PAGES#${month}`,
});
const holdingsKey = (organisationId: string) => ({ pk: partitionOf(organisationId), sk: 'HOLDINGS' });

export function createOrganisationUsage({ documents, table, organisations, now }: Dependencies) {
  const limitsOf = (id: string) =>
    organisations.find((organisation) => organisation.id === id) ?? { pagesPerMonth: 0, storageBytes: 0 };

  async function readHoldings(organisationId: string): Promise<Holdings | undefined> {
    const Key = holdingsKey(organisationId);
    const { Item } = await documents.get({ TableName: table, Key, ConsistentRead: true });
    return Item?.addedUpAt ? (Item as unknown as Holdings) : undefined;
  }

  return {
    /** Counts pages of a day (`2026-11-30`). Throws `organisation-pages-reached`; then nothing is counted. */
    async take(organisationId: string, day: string, pages: number): Promise<void> {
      const { pagesPerMonth } = limitsOf(organisationId);
      const isLimited = pagesPerMonth > 0;
      const isRoom = 'attribute_not_exists(pages) OR pages <= :most';
      const taken =
        (!isLimited || pages <= pagesPerMonth) &&
        (await updateIf(documents, {
          TableName: table,
          Key: monthKey(organisationId, day.slice(0, 7)),
          UpdateExpression: 'SET expiresAt = :expiresAt ADD pages :pages',
          ConditionExpression: isLimited ? isRoom : 'attribute_exists(pk) OR attribute_not_exists(pk)',
          ExpressionAttributeValues: {
            ':pages': pages,
            ':expiresAt': Math.ceil((Date.parse(day) + monthKeptMs) / 1000),
            ...(isLimited ? { ':most': pagesPerMonth - pages } : {}),
          },
        }));
      if (!taken) throw pagesReached(pagesPerMonth, now());
    },

    async giveBack(organisationId: string, day: string, pages: number): Promise<void> {
      await updateIf(documents, {
        TableName: table,
        Key: monthKey(organisationId, day.slice(0, 7)),
        UpdateExpression: 'ADD pages :less',
        ConditionExpression: 'pages >= :pages',
        ExpressionAttributeValues: { ':less': -pages, ':pages': pages },
      });
    },

    /** Throws `organisation-storage-full` when its projects hold more than they may. Known to the hour. */
    async assertStorage(organisationId: string): Promise<void> {
      const { storageBytes } = limitsOf(organisationId);
      if (storageBytes === 0) return;
      const holdings = await readHoldings(organisationId);
      if (holdings && holdings.bytes >= storageBytes) throw storageReached(storageBytes);
    },

    /** For administrators. */
    async view(organisationId: string) {
      const month = now().toISOString().slice(0, 7);
      const keys = [monthKey(organisationId, month), holdingsKey(organisationId)];
      const items = await readBatches({ documents, table }, keys);
      const holdings = items.find(({ sk, addedUpAt }) => sk === 'HOLDINGS' && addedUpAt);
      return {
        month,
        pagesThisMonth: Number(items.find(({ sk }) => sk !== 'HOLDINGS')?.pages ?? 0),
        holdings: holdings as unknown as Holdings | undefined,
        ...limitsOf(organisationId),
      };
    },

    /** Whether the caller is to add up now: of all workers one, once an hour. */
    async claimAddingUp(organisationId: string): Promise<boolean> {
      const time = now().getTime();
      const claimed = await updateIf(documents, {
        TableName: table,
        Key: holdingsKey(organisationId),
        UpdateExpression: 'SET nextAt = :next',
        ConditionExpression: 'attribute_not_exists(nextAt) OR nextAt <= :now',
        ExpressionAttributeValues: { ':now': time, ':next': time + addedUpEveryMs },
      });
      return claimed !== undefined;
    },

    async saveHoldings(organisationId: string, { projects, pages, bytes }: Omit<Holdings, 'addedUpAt'>) {
      await documents.update({
        TableName: table,
        Key: holdingsKey(organisationId),
        UpdateExpression: 'SET projects = :projects, pages = :pages, bytes = :bytes, addedUpAt = :at',
        ExpressionAttributeValues: {
          ':projects': projects,
          ':pages': pages,
          ':bytes': bytes,
          ':at': now().toISOString(),
        },
      });
    },
  };
}

export type OrganisationUsage = ReturnType<typeof createOrganisationUsage>;

function pagesReached(pagesPerMonth: number, at: Date) {
  const next = Date.UTC(at.getUTCFullYear(), at.getUTCMonth() + 1, 1);
  return new PaperliftError('too-many', {
    code: 'organisation-pages-reached',
    message: `Your organisation can add ${pagesPerMonth.toLocaleString('en-US')} pages a month, and there aren’t enough left.`,
    hint: 'Ask an administrator, or try again next month.',
    retryAfterSeconds: Math.max(1, Math.ceil((next - at.getTime()) / 1000)),
  });
}

function storageReached(storageBytes: number) {
  return new PaperliftError('forbidden', {
    code: 'organisation-storage-full',
    message: `Your organisation’s storage of ${Math.round(storageBytes / 1e9).toLocaleString('en-US')} GB is full.`,
    hint: 'Delete projects that are no longer needed, or ask an administrator.',
  });
}
