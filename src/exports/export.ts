// A file made of a project's pages.
import { type Language, languageNames } from '../text/languages.ts';

export const exportFormats = ['searchable-pdf', 'text-pdf', 'docx', 'txt', 'zip', 'json'] as const;
export type ExportFormat = (typeof exportFormats)[number];

/** Formats that may have a translation beside the original text. */
export const translatedFormats = ['docx', 'txt'] as const satisfies ExportFormat[];

export const isTranslatable = (format: ExportFormat): boolean =>
  (translatedFormats as readonly string[]).includes(format);

export const exportStatuses = ['queued', 'rendering', 'ready', 'failed'] as const;
type ExportStatus = (typeof exportStatuses)[number];

export interface Export {
  id: string;
  projectId: string;
  format: ExportFormat;
  /** The text is followed by its translation. Only where `isTranslatable`. */
  translateTo?: Language;
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

type Kind = Pick<Export, 'format' | 'translateTo'>;

/** Exports of one kind replace each other: `txt`, or `txt de`. */
export const kindOf = ({ format, translateTo }: Kind): string =>
  translateTo ? `${format} ${translateTo}` : format;

/** "Plain text" or "Plain text with German translation" */
export const labelOf = ({ format, translateTo }: Kind): string =>
  exportFiles[format].label + (translateTo ? ` with ${languageNames[translateTo]} translation` : '');
