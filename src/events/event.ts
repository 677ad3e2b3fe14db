// What other systems are told of a project. Events say that something is so, and never what a page says.

export const eventTypes = [
  'project.created',
  'project.renamed',
  'project.ready',
  'project.deleted',
  'page.ready',
  'page.failed',
  'page.reviewed',
  'page.deleted',
  'export.ready',
  'export.failed',
] as const;
export type EventType = (typeof eventTypes)[number];

export interface ProjectEvent {
  /** `<projectId>-<number>`: the same however often it is delivered. */
  id: string;
  type: EventType;
  /** ISO 8601. */
  at: string;
  organisationId: string;
  projectId: string;
  /** From 1, without gaps: the order in the project. */
  number: number;
  projectName: string;
  pageId?: string;
  pageNumber?: number;
  fileName?: string;
  exportId?: string;
  format?: string;
  /** Why a page or an export failed: a stable code. */
  failureCode?: string;
}

/** The body of a webhook, after the Standard Webhooks specification: type, timestamp, data. */
export function presentEvent(event: ProjectEvent) {
  const {
    type,
    at,
    projectId,
    projectName,
    number,
    pageId,
    pageNumber,
    fileName,
    exportId,
    format,
    failureCode,
  } = event;
  return {
    type,
    timestamp: at,
    data: {
      number,
      project: { id: projectId, name: projectName },
      ...(pageId
        ? {
            page: {
              id: pageId,
              ...(pageNumber ? { number: pageNumber } : {}),
              ...(fileName ? { fileName } : {}),
            },
          }
        : {}),
      ...(exportId ? { export: { id: exportId, format } } : {}),
      ...(failureCode ? { failure: { code: failureCode } } : {}),
    },
  };
}
