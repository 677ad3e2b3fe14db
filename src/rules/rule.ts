import type { Listener } from '../events/listener.ts';
import type { ExportFormat } from '../exports/export.ts';
import type { Language } from '../text/languages.ts';

/** Where a finished export is put. Each path is below the folder that the target names. */
export type Target =
  | { kind: 's3'; bucket: string; prefix: string }
  | {
      kind: 'sftp';
      host: string;
      port: number;
      user: string;
      /** As `ssh-keygen -lf` prints it: SHA256:… */
      hostKey: string;
      folder: string;
    }
  | { kind: 'webdav'; url: string; user: string }
  | { kind: 'sharepoint'; tenantId: string; clientId: string; driveId: string; folder: string };

export type TargetKind = Target['kind'];

/** When all pages of a project are ready, an export is created, and put where the target says. */
export interface Rule extends Listener {
  name: string;
  format: ExportFormat;
  translateTo?: Language;
  /** Missing: the export is only created. */
  target?: Target;
  /** A password, a private key or a client secret. Never shown. */
  secret?: string;
  createdBy: string;
}

export const ruleTypes = ['project.ready', 'export.ready', 'export.failed'] as const;

/** Where files go, for people. */
export function describeTarget(target: Target | undefined): string {
  switch (target?.kind) {
    case 's3':
      return `s3://${target.bucket}/${target.prefix}`;
    case 'sftp':
      return `sftp://${target.user}@${target.host}:${target.port}/${target.folder}`;
    case 'webdav':
      return target.url;
    case 'sharepoint':
      return `SharePoint drive ${target.driveId}, folder /${target.folder}`;
    default:
      return 'not sent anywhere';
  }
}
