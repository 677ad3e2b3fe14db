// A file made of a project's pages.

export const exportFormats = ['searchable-pdf', 'text-pdf', 'txt', 'json'] as const;
export type ExportFormat = (typeof exportFormats)[number];

export const exportStatuses = ['queued', 'rendering', 'ready', 'failed'] as const;
type ExportStatus = (typeof exportStatuses)[number];

export interface Export {
  id: string;
  projectId: string;
  format: ExportFormat;
  status: ExportStatus;
  /** Names the state of the project that the file shows; another fingerprint now means that the file is stale. */
  fingerprint: string;
  failure?: { code: string; message: string };
  fileKey?: string;
  sizeBytes?: number;
  pageCount?: number;
  requestedBy: string;
  createdAt: string;
  updatedAt: string;
}

export const exportFiles: Record<ExportFormat, { label: string; contentType: string; extension: string }> = {
  'searchable-pdf': { label: 'Searchable PDF', contentType: 'application/pdf', extension: 'pdf' },
  'text-pdf': { label: 'Text PDF', contentType: 'application/pdf', extension: 'text.pdf' },
  txt: { label: 'Plain text', contentType: 'text/plain; charset=utf-8', extension: 'txt' },
  json: { label: 'JSON', contentType: 'application/json', extension: 'json' },
};
