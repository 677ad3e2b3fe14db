// Where the items of the search index lie. The owner's partitions list postings by word, newest page first; the index
// `byKind` lists those of all owners.
import { shardKey } from '../aws/shards.ts';
import { keyOfOrganisation } from '../people/organisation.ts';
import { projectPartition } from '../projects/project.keys.ts';

/** A page of a project, or the project's name. */
export interface Indexed {
  projectId: string;
  pageId?: string | undefined;
}

export interface ItemKey {
  pk: string;
  sk: string;
}

const alphabet = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
/** Inverts a ULID, so that the newest sorts first. */
const newestFirst = (id: string) => id.replace(/./g, (c) => alphabet[31 - alphabet.indexOf(c)] ?? c);

const firstLetter = (word: string) => [...word][0] ?? '';

/** An owner's words are split by their first letter, so that no partition takes all writes (docs/decisions/0049). */
export const ownedBy = (ownerId: string, word: string) => `WORDS#${ownerId}#${firstLetter(word)}`;

/** Where all of an owner's words were before. */
export const formerlyOwnedBy = (ownerId: string) => `WORDS#${ownerId}`;

/** The words of all owners of an organisation, split in the same way. */
export const everybodys = (organisationId: string, word: string) =>
  keyOfOrganisation(`WORDS#${firstLetter(word)}`, organisationId);

/** Whose postings they are. */
export interface PostingOwner {
  organisationId: string;
  /** A person or a team. */
  ownerId: string;
}

export const manifestKey = ({ projectId, pageId }: Indexed): ItemKey => ({
  pk: `INDEX#${projectId}`,
  sk: pageId ?? 'NAME',
});

/** Of a page, or of a project. */
export const keyOfIndexed = ({ projectId, pageId }: Indexed): ItemKey => ({
  pk: projectPartition(projectId),
  sk: pageId ? `PAGE#${pageId}` : 'PROJECT',
});

/** The keys of a posting, now and before words were split by their first letter. */
export function placesOfPosting(ownerId: string, { projectId, pageId }: Indexed, word: string) {
  const sk = `${word} ${newestFirst(pageId ?? projectId)}`;
  return { now: { pk: ownedBy(ownerId, word), sk }, former: { pk: formerlyOwnedBy(ownerId), sk } };
}

export function createPosting({ organisationId, ownerId }: PostingOwner, what: Indexed, word: string) {
  const { now } = placesOfPosting(ownerId, what, word);
  const place = now.sk;
  return {
    ...now,
    kindKey: shardKey(everybodys(organisationId, word), what.projectId),
    kindSort: `${place} ${what.projectId}`,
    projectId: what.projectId,
    ...(what.pageId ? { pageId: what.pageId } : {}),
  };
}

/** Changes with the text of a page. */
export const versionOf = ({ textId, revision }: { textId?: string | undefined; revision: number }): string =>
  textId ?? `revision-${revision}`;
