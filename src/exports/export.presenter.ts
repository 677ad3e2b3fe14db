// Presents exports: the menu of formats, and each export with its actions.
import { countOf, formatBytes, type Pill } from '../http/formatting.ts';
import { formatTime } from '../http/times.ts';
import { projectUrl } from '../projects/project.presenter.ts';
import type { Project } from '../projects/project.ts';
import { type Language, languageNames } from '../text/languages.ts';
import {
  type Export,
  type ExportFormat,
  exportFiles,
  exportFormats,
  labelOf,
  translatedFormats,
} from './export.ts';

const explanations: Record<ExportFormat, string> = {
  'searchable-pdf': 'Your scans with selectable text',
  'text-pdf': 'Text only, easy to read',
  docx: 'Editable text',
  txt: 'Plain text only',
  zip: 'Each image with its text, in a ZIP file',
  json: 'Text, positions and confidence scores, for other programs',
};

/** The others are collapsed, so that the pages stay in view. */
const shownAtOnce = 3;

export interface ExportsInput {
  project: Pick<Project, 'id'>;
  exports: Export[];
  /** The project's current state. An export with another fingerprint is stale. */
  fingerprint: string;
  mayExport: boolean;
  /** The languages that text may be translated into; none unless that step is on. */
  translateInto?: readonly Language[];
  now: Date;
}

/** The formats, and the existing exports, newest first. */
export function presentExports(input: ExportsInput) {
  const { project, exports, fingerprint, mayExport, translateInto = [], now } = input;
  const newestFirst = exports
    .toSorted((a, b) => b.createdAt.localeCompare(a.createdAt))
    .map((item) => presentExport(project, item, item.fingerprint !== fingerprint, now));
  return {
    action: `${projectUrl(project)}/exports`,
    pageUrl: `${projectUrl(project)}/exports`,
    all: newestFirst,
    formats: exportFormats.map((format) => ({
      value: format,
      label: exportFiles[format].label,
      explanation: explanations[format],
    })),
    translations: translatedFormats.map((format) => ({
      value: format,
      label: exportFiles[format].label,
    })),
    translateInto: translateInto.map((tag) => ({ value: tag, name: languageNames[tag] })),
    items: newestFirst.slice(0, shownAtOnce),
    earlier: newestFirst.slice(shownAtOnce),
    earlierText: countOf(Math.max(0, newestFirst.length - shownAtOnce), 'older export'),
    inFlight: exports.filter((item) => item.status === 'queued' || item.status === 'rendering').length,
    mayExport,
  };
}

function presentExport(project: Pick<Project, 'id'>, item: Export, isStale: boolean, now: Date) {
  const isReady = item.status === 'ready';
  const downloadUrl = isReady ? `${projectUrl(project)}/exports/${item.id}/file` : undefined;
  const details = [
    isReady && item.pageCount !== undefined && countOf(item.pageCount, 'page'),
    isReady && item.sizeBytes !== undefined && formatBytes(item.sizeBytes),
  ].filter((detail) => typeof detail === 'string');
  return {
    id: item.id,
    label: labelOf(item),
    format: item.format,
    translateTo: item.translateTo ?? '',
    pill: pillOf(item),
    deleteUrl: `${projectUrl(project)}/exports/${item.id}/delete`,
    isUnderWay: item.status === 'queued' || item.status === 'rendering',
    by: item.requestedByName ?? '',
    details,
    made: formatTime(item.createdAt, now),
    downloadUrl,
    openUrl: downloadUrl && exportFiles[item.format].isShown ? `${downloadUrl}?open=yes` : undefined,
    isStale: isReady && isStale,
    isCurrent: isReady && !isStale,
    failure:
      item.status === 'failed'
        ? (item.failure?.message ?? 'The export failed for an unknown reason. Try again.')
        : undefined,
  };
}

function pillOf(item: Export): Pill {
  switch (item.status) {
    case 'queued':
      return { tone: 'quiet', text: 'waiting' };
    case 'rendering':
      return {
        tone: 'quiet',
        text: item.pagesDone ? `creating, ${countOf(item.pagesDone, 'page')} done` : 'creating…',
      };
    case 'ready':
      return { tone: 'good', text: 'ready' };
    case 'failed':
      return { tone: 'failed', text: 'failed' };
  }
}
