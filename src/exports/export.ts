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
  /** Identifies the state of the project in the file. When the project's fingerprint differs, the file is stale. */
  fingerprint: string;
  failure?: { code: string; message: string };
  fileKey?: string;
  sizeBytes?: number;
  pageCount?: number;
  /** Pages rendered so far. */
  pagesDone?: number;
  requestedBy: string;
  /** The person's name at that time. */
  requestedByName?: string;
  createdAt: string;
  updatedAt: string;
}

interface FileKind {
  label: string;
  contentType: string;
  extension: string;
  /** Whether browsers display the format. */
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
