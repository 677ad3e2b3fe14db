import type { Import } from '../../src/imports/import.ts';

/** A PDF that could not be split. */
export function buildFailedImport({
  id,
  projectId,
  createdAt,
  ...overrides
}: Pick<Import, 'id' | 'projectId' | 'position' | 'fileName' | 'createdAt'>): Import {
  return {
    id,
    projectId,
    status: 'failed',
    originalKey: `projects/${projectId}/pages/${id}/originals/1`,
    contentType: 'application/pdf',
    sizeBytes: 1,
    sha256: 'x',
    pagesDone: 0,
    pagesWithText: 0,
    failure: { code: 'drawing-failed', message: 'The file couldn’t be opened.' },
    createdAt,
    updatedAt: createdAt,
    ...overrides,
  };
}
