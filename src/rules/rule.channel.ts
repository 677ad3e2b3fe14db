// What a rule does when it is told that all pages of a project are ready: it asks for an export, and sends it once it is ready.
import type { AuditService } from '../audit/audit.service.ts';
import { isPaperliftError } from '../errors.ts';
import type { ProjectEvent } from '../events/event.ts';
import type { Channel, Outcome } from '../events/listener.ts';
import type { ExportService } from '../exports/export.service.ts';
import { exportFiles, labelOf } from '../exports/export.ts';
import { safeFileName } from '../exports/file-names.ts';
import type { FileToPush, Push } from './file-to-push.ts';
import type { RuleStore } from './rule.store.ts';
import { describeTarget, type Rule, type TargetKind } from './rule.ts';

interface Dependencies {
  rules: RuleStore;
  exports: Pick<ExportService, 'requestForRule' | 'openForRule'>;
  pushes: Record<TargetKind, Push>;
  audit: Pick<AuditService, 'record'>;
  timeoutMs?: number;
}

/** The project is not as it was told: when it is ready again, that is told too. */
const passedBy = new Set(['import-under-way', 'pages-under-way', 'no-pages', 'project-not-found']);
const pushMs = 5 * 60_000;

export function createRuleChannel({ rules, exports, pushes, audit, timeoutMs = pushMs }: Dependencies) {
  async function send(rule: Rule, projectId: string, exportId: string): Promise<string> {
    const { target } = rule;
    if (!target) return 'The export is ready';
    const { project, item, open } = await exports.openForRule(projectId, exportId);
    const { contentType, extension } = exportFiles[item.format];
    const language = item.translateTo ? `${item.translateTo}.` : '';
    const file: FileToPush = {
      // with the id, so that two projects of one name do not replace each other's file
      name: `${safeFileName(project.name, 'project')} ${project.id}.${language}${extension}`,
      contentType,
      sizeBytes: item.sizeBytes ?? 0,
      open,
    };
    const place = describeTarget(target);
    await audit.record({
      actor: 'system',
      action: 'export.sent',
      projectId,
      projectName: project.name,
      organisationId: project.organisationId,
      exportId,
      detail: `${file.name} to ${place}, by the rule “${rule.name}”`,
    });
    await pushes[target.kind](rule, file, AbortSignal.timeout(timeoutMs));
    return `Sent ${file.name}`;
  }

  async function act(rule: Rule, { type, projectId, exportId = '' }: ProjectEvent): Promise<string> {
    if (type === 'project.ready') {
      const item = await exports.requestForRule(rule, projectId, rule);
      if (item.status === 'ready') return send(rule, projectId, item.id);
      await rules.want(rule.id, item.id);
      return `Asked for ${labelOf(rule)}`;
    }
    if (type !== 'export.ready') return 'Nothing to do';
    // someone else's export is not the rule's
    return (await rules.isWanted(rule.id, exportId)) ? send(rule, projectId, exportId) : 'Not of this rule';
  }

  async function takeEvent(rule: Rule, event: ProjectEvent): Promise<Outcome> {
    const startedAt = performance.now();
    const ms = () => Math.round(performance.now() - startedAt);
    try {
      if (event.type === 'export.failed' && (await rules.isWanted(rule.id, event.exportId ?? ''))) {
        const why = event.failureCode ? ` (${event.failureCode})` : '';
        return { error: `The export failed${why}. Do “project.ready” again.`, isFinal: true, ms: ms() };
      }
      return { note: await act(rule, event), ms: ms() };
    } catch (error) {
      if (isPaperliftError(error) && passedBy.has(error.code)) return { note: error.message, ms: ms() };
      // an export that was deleted meanwhile is sent by no one
      if (isPaperliftError(error, 'export-not-found')) return { note: 'The export was deleted', ms: ms() };
      return { error: describe(error), ms: ms() };
    }
  }

  return {
    list: rules.list,
    find: rules.find,
    batch: 1,
    send: (rule: Rule, events: ProjectEvent[]) => Promise.all(events.map((event) => takeEvent(rule, event))),
  } satisfies Channel<Rule>;
}

function describe(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown error';
  if (error.name === 'TimeoutError' || error.name === 'AbortError') return 'not sent in time';
  return (
    (error.name === 'Error' || error.name === 'PushFailedError' ? '' : `${error.name}: `) +
    error.message.slice(0, 300)
  );
}
