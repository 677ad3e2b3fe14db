// A file made of a project's pages.

export const exportFormats = ['searchable-pdf', 'text-pdf', 'docx', 'txt', 'zip', 'json'] as const;
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
  /** Pages that are in the file so far, while it is made. */
  pagesDone?: number;
  requestedBy: string;
  /** As the person was called then. */
  requestedByName?: string;
  createdAt: string;
  updatedAt: string;
}

interface FileKind {
  label: string;
  contentType: string;
  extension: string;
  /** Whether browsers show it by themselves. */
  isShown?: boolean;
}

export const exportFiles: Record<ExportFormat, FileKind> = {
  'searchable-pdf': {
    label: 'Searchable PDF',
    contentType: 'application/pdf',
    extension: 'pdf',
    isShown: true,
  },
  'text-pdf': { label: 'Text PDF', contentType: 'application/pdf', extension: 'text.pdf', isShown: true },
  docx: {
    label: 'Word document',
    contentType: 'application/vnd.openxmlformats-officedocument.wordprocessingml.document',
    extension: 'docx',
  },
  txt: {
    label: 'Plain text',
    contentType: 'text/plain; charset=utf-8',
    extension: 'txt',
    isShown: true,
  },
  zip: { label: 'Images and text', contentType: 'application/zip', extension: 'zip' },
  json: { label: 'JSON', contentType: 'application/json', extension: 'json', isShown: true },
};
