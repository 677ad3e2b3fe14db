// Where the items of the search index lie. The owner's partition lists postings by word, newest page first; the index
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

export const ownedBy = (ownerId: string) => `WORDS#${ownerId}`;

/** The words of all owners of an organisation are split by their first letter, so that no partition takes every request. */
export const everybodys = (organisationId: string, word: string) =>
  keyOfOrganisation(`WORDS#${[...word][0] ?? ''}`, organisationId);

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

export function createPosting({ organisationId, ownerId }: PostingOwner, what: Indexed, word: string) {
  const place = `${word} ${newestFirst(what.pageId ?? what.projectId)}`;
  return {
    pk: ownedBy(ownerId),
    sk: place,
    kindKey: shardKey(everybodys(organisationId, word), what.projectId),
    kindSort: `${place} ${what.projectId}`,
    projectId: what.projectId,
    ...(what.pageId ? { pageId: what.pageId } : {}),
  };
}
