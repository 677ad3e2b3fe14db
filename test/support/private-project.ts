// A project with two pages, an import, an upload and an export, written straight into the stores.
import { ulid } from 'ulid';
import { writeBatches } from '../../src/aws/batches.ts';
import { queryAll } from '../../src/aws/query-all.ts';
import type { Page } from '../../src/pages/page.ts';
import type { ProjectMember } from '../../src/projects/project.ts';
import { buildFailedImport } from './imports.ts';
import { localPersonId } from './local-people.ts';
import type { Paperlift } from './paperlift.ts';
import { buildMember } from './projects.ts';
import { buildPerson } from './session-of.ts';

/** Ids by the names that routes give them. `pageId` is a page that failed; another one is ready. */
export interface PrivateProject {
  projectId: string;
  pageId: string;
  exportId: string;
  /** A file that could not be split. */
  importId: string;
  /** Begun by the owner; nothing was sent. */
  uploadId: string;
  personId: string;
  /** Someone whom it is shared with, and someone whom it is not. */
  memberId: string;
  strangerId: string;
  /** Of a webhook that does not exist. */
  webhookId: string;
  ruleId: string;
  name: string;
}

interface Options {
  projectName?: string;
  fileName?: string;
  /** Whom it is shared with besides a viewer. */
  members?: ProjectMember[];
}

export async function addPrivateProject(
  { services, standIns }: Paperlift,
  email: string,
  { projectName = 'Private', fileName = 'private.jpg', members = [] }: Options = {},
): Promise<PrivateProject> {
  const { stores, now } = services;
  const personId = localPersonId({ standIns }, email);
  const at = now().toISOString();
  const [projectId, pageId, exportId, uploadId, importId] = [ulid(), ulid(), ulid(), ulid(), ulid()];
  await putImage(services);
  const page: Page = {
    id: pageId,
    projectId,
    position: 1,
    status: 'failed',
    revision: 1,
    fileName,
    originalKey: `projects/${projectId}/original`,
    contentType: 'image/jpeg',
    sizeBytes: 1,
    sha256: 'x',
    rotation: 0,
    width: 10,
    height: 10,
    imageKey: 'shared/image',
    thumbnailKey: 'shared/image',
    failure: { code: 'tried-too-often', message: 'The page couldn’t be read.' },
    createdAt: at,
    updatedAt: at,
  };
  await stores.projects.create({
    id: projectId,
    name: projectName,
    organisationId: 'default',
    ownerId: personId,
    ownerName: email,
    createdAt: at,
  });
  const member = buildPerson('Max Member');
  const stranger = buildPerson('Sam Stranger');
  for (const person of [member, stranger]) await services.people.save(person, now());
  for (const each of [buildMember(member), ...members]) await stores.projects.setMember(projectId, each);
  await stores.pages.create(page);
  await stores.pages.create({
    ...page,
    id: ulid(),
    position: 2,
    status: 'ready',
    failure: undefined,
  } as Page);
  await stores.presignedUploads.create({
    id: uploadId,
    projectId,
    personId,
    key: `uploads/${projectId}/${uploadId}`,
    fileName,
    declaredType: 'image/jpeg',
    sizeBytes: 1,
    pageId: ulid(),
    replaces: false,
    createdAt: at,
  });
  await stores.imports.create(
    buildFailedImport({ id: importId, projectId, position: 3, fileName: 'private.pdf', createdAt: at }),
  );
  await stores.exports.create({
    id: exportId,
    projectId,
    format: 'txt',
    status: 'ready',
    fingerprint: 'then',
    fileKey: 'shared/image',
    requestedBy: personId,
    createdAt: at,
    updatedAt: at,
  });
  return {
    projectId,
    pageId,
    exportId,
    uploadId,
    importId,
    personId,
    memberId: member.id,
    strangerId: stranger.id,
    webhookId: ulid(),
    ruleId: ulid(),
    name: 'styles.css',
  };
}

const putImage = ({ blobs }: Paperlift['services']) =>
  blobs.put('shared/image', 'not really an image', 'image/jpeg');

/**
 * Adds projects like this one, each with ids of its own and in one write: everything of a project is in its partition. The
 * stores need sixty calls.
 */
export async function copyPrivateProject({ services, config }: Paperlift, original: PrivateProject) {
  const { documents } = services.clients;
  const { table } = config.aws.dynamodb;
  const { projectId, pageId, exportId, uploadId, importId } = original;
  const items = await queryAll(documents, {
    TableName: table,
    KeyConditionExpression: 'pk = :pk',
    ExpressionAttributeValues: { ':pk': `PROJECT#${projectId}` },
  });
  const written = JSON.stringify(items);
  return async (): Promise<PrivateProject> => {
    const ids = new Map(items.map(({ id }) => [String(id), ulid()]));
    const copies: Record<string, unknown>[] = JSON.parse(
      [...ids].reduce((text, [id, own]) => text.replaceAll(id, own), written),
    );
    await writeBatches(
      { documents, table },
      copies.map((Item) => ({ PutRequest: { Item } })),
    );
    await putImage(services); // which may have been deleted with another one
    const own = (id: string) => ids.get(id) ?? id;
    return {
      ...original,
      projectId: own(projectId),
      pageId: own(pageId),
      exportId: own(exportId),
      uploadId: own(uploadId),
      importId: own(importId),
    };
  };
}
