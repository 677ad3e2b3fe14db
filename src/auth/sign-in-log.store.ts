// The latest sign-ins, accepted and refused, for sign-in diagnostics. Anyone can post to the ACS, so every value is
// bounded: an entry takes at most 60 KB.
import { ulid as makeUlid } from 'ulid';
import type { Documents } from '../aws/clients.ts';
import { queryShards, shardKey } from '../aws/shards.ts';
import { keyOfOrganisation, organisationOf } from '../people/organisation.ts';

interface Dependencies {
  documents: Documents;
  table: string;
  now: () => Date;
}

/** The result of one response of an identity provider. `reason` is a stable code, `detail` what was found. */
export interface SignInRecord {
  providerId?: string;
  /** The provider's; the default one where the provider is unknown. */
  organisationId?: string;
  outcome: 'signed-in' | 'refused';
  reason: string;
  detail?: string;
  personId?: string;
  name?: string;
  email?: string;
  attributes: Record<string, string[]>;
  mapped: { from: string; to: string }[];
  dropped: string[];
  requestId: string;
  ip: string;
}

export interface SignInEntry extends SignInRecord {
  id: string;
  /** ISO 8601. */
  at: string;
  /** How many values were left out for size. */
  leftOut: number;
}

export type SignInLog = ReturnType<typeof createSignInLog>;

const keptMs = 90 * 24 * 60 * 60 * 1000;
const partitionOf = (organisationId: string) => keyOfOrganisation('SIGN-INS', organisationId);
const characters = { value: 500, detail: 1000, list: 12_000 };

export function createSignInLog({ documents, table, now }: Dependencies) {
  return {
    /** Stores a sign-in for 90 days. Rejects when the database does; callers continue without it. */
    async record(record: SignInRecord) {
      const at = now();
      const id = makeUlid(at.getTime());
      await documents.put({
        TableName: table,
        Item: {
          pk: shardKey(partitionOf(organisationOf(record)), id),
          sk: id,
          id,
          at: at.toISOString(),
          ...bound(record),
          expiresAt: Math.ceil((at.getTime() + keptMs) / 1000),
        },
      });
    },

    /** Sign-ins at an organisation's providers, latest first. `cursor` is the id of the last one seen. */
    async latest(organisationId: string, { limit, cursor }: { limit: number; cursor?: string }) {
      const { items: found, isCut } = await queryShards(documents, {
        TableName: table,
        hash: 'pk',
        range: 'sk',
        key: partitionOf(organisationId),
        condition: 'sk < :cursor',
        ExpressionAttributeValues: { ':cursor': cursor ?? '~' },
        ScanIndexForward: false,
        atMost: limit,
      });
      const oldest = new Date(now().getTime() - keptMs).toISOString();
      const kept = found.filter(({ at }) => String(at) > oldest); // DynamoDB deletes expired items days later
      const items = kept.map(toEntry);
      const isMore = kept.length === found.length && isCut;
      return isMore ? { items, cursor: items.at(-1)?.id as string } : { items };
    },
  };
}

/** The record with all values truncated to the limits. */
function bound(record: SignInRecord) {
  let leftOut = 0;
  function keepSome<T>(list: T[], lengthOf: (value: T) => number): T[] {
    let room = characters.list;
    const kept = list.filter((value) => {
      room -= lengthOf(value) + 4; // empty values take space too
      return room >= 0;
    });
    leftOut += list.length - kept.length;
    return kept;
  }

  const received = Object.entries(record.attributes).flatMap(([name, values]) =>
    values.map((value) => ({ name: clip(name), value: clip(value) })),
  );
  const attributes = keepSome(received, ({ name, value }) => name.length + value.length);
  const mapped = keepSome(
    record.mapped.map(({ from, to }) => ({ from: clip(from), to: clip(to) })),
    ({ from, to }) => from.length + to.length,
  );
  const dropped = keepSome(
    record.dropped.map((value) => clip(value)),
    (value) => value.length,
  );
  return {
    outcome: record.outcome,
    reason: clip(record.reason),
    detail: record.detail === undefined ? undefined : clip(record.detail, characters.detail),
    providerId: clipIfGiven(record.providerId),
    personId: clipIfGiven(record.personId),
    name: clipIfGiven(record.name),
    email: clipIfGiven(record.email),
    requestId: clip(record.requestId),
    ip: clip(record.ip),
    attributes,
    mapped,
    dropped,
    leftOut,
  };
}

function toEntry(item: Record<string, unknown>): SignInEntry {
  const { pk: _pk, sk: _sk, expiresAt: _expiresAt, ...entry } = item;
  const attributes: Record<string, string[]> = Object.create(null); // a name may be `__proto__`
  for (const { name, value } of entry.attributes as { name: string; value: string }[]) {
    attributes[name] ??= [];
    attributes[name].push(value);
  }
  return { ...entry, attributes } as unknown as SignInEntry;
}

function clipIfGiven(value: string | undefined) {
  return value === undefined ? undefined : clip(value);
}

function clip(value: string, length: number = characters.value): string {
  const text = value.slice(0, length).toWellFormed();
  return value.length > length ? `${text}…` : text;
}
