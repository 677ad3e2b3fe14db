// Presents a project: sentences, counts and URLs instead of records.
import { countOf, formatBytes, formatCount, formatFileName } from '../http/formatting.ts';
import { formatTime } from '../http/times.ts';
import type { Relation } from '../people/permissions.ts';
import { type Language, nameLanguages } from '../text/languages.ts';
import { presentAssignees, presentAssignment } from './assignment.presenter.ts';
import { type LanguageSettings, presentProjectLanguages } from './languages.presenter.ts';
import type { Project } from './project.ts';

/** A project with its facts. `changedAt` is ISO 8601. */
export interface ProjectOverview {
  project: Project;
  pageCount: number;
  failedCount: number;
  underWayCount: number;
  doubtfulCount: number;
  reviewedCount: number;
  changedAt: string;
  /** URLs of the first pages' thumbnails, at most three. */
  thumbnails?: string[];
}

/** A rejected form: why, and what was entered. */
export interface RefusedForm {
  name: string;
  error: string;
  languages?: Language[];
}

export interface UploadLimits {
  maxFileBytes: number;
  /** For a PDF or TIFF. */
  maxDocumentBytes: number;
  maxFiles: number;
  /** Set where larger uploads go straight to S3. */
  directAboveBytes?: number | undefined;
}

export interface ProjectPageInput extends ProjectOverview {
  /** The viewer. */
  personId: string;
  /** How the viewer stands to the project; `undefined` for those who see all projects. */
  relation: Relation | undefined;
  /** Whether the viewer owns the project, and not a team of theirs. */
  isOwn: boolean;
  mayChange: boolean;
  /** Whether the viewer may share, hand over and delete the project. */
  mayManage: boolean;
  now: Date;
  limits: UploadLimits;
  /** What is left of the viewer's daily pages, when few are left. */
  allowance?: { pagesPerDay: number; pagesLeft: number } | undefined;
  /** Rejected files, each with a sentence that says why and what to do. */
  refusals?: { fileName: string; message: string }[];
  notice?: string;
  languages: LanguageSettings;
  /** The review was just assigned, or taken from someone: to whom it was assigned before, or `no-one`. */
  assignedBefore?: string | undefined;
  /** The languages were just changed: how many pages could be processed again, and how many have a person's work. */
  languagesChanged?: { pages: number; kept: number } | undefined;
  /** The rejected rename form. */
  form?: RefusedForm;
}

/** The model of `projects/show` and `projects/status`: one project's header, controls and facts. */
export function presentProjectPage(input: ProjectPageInput) {
  const { project } = input;
  return {
    id: project.id,
    name: project.name,
    url: projectUrl(project),
    facts: factsOf(input),
    changed: formatTime(input.changedAt, input.now),
    ownerName: input.isOwn ? '' : project.ownerName,
    visibility: describeVisibility(input),
    sharedWith: project.members?.length ?? 0,
    membersUrl: `${projectUrl(project)}/members`,
    review: presentReview(input),
    isEmpty: input.pageCount === 0,
    mayChange: input.mayChange,
    mayManage: input.mayManage,
    uploadHint: hintOf(input.limits),
    pagesLeft: describePagesLeft(input.allowance),
    filesInForm: countOf(input.limits.maxFiles, 'file'),
    maxFileBytes: Math.max(input.limits.maxFileBytes, input.limits.maxDocumentBytes),
    now: input.now.toISOString(),
    direct: directOf(input.limits),
    deleteWarning:
      input.pageCount === 0
        ? 'It has no pages. This can’t be undone.'
        : `This also deletes its ${countOf(input.pageCount, 'page')}, their text and all exports, and can’t be undone.`,
    refusals: (input.refusals ?? []).map(({ fileName, message }) => ({
      fileName: formatFileName(fileName),
      message,
    })),
    refusalsTitle: describeRefused((input.refusals ?? []).filter(({ fileName }) => fileName).length),
    notice: input.notice,
    languages: presentProjectLanguages(project.languages ?? [], input.languages),
    languagesChanged: input.languagesChanged && describeLanguageChange(project, input.languagesChanged),
    form: input.form,
    batchUrl: `${projectUrl(project)}/batch`,
    undoUrl: `${projectUrl(project)}/undo`,
  };
}

/** To whom the review of the project is assigned, and to whom it can be. */
function presentReview({ project, personId, mayChange, mayManage, now, assignedBefore }: ProjectPageInput) {
  const assignees = mayChange ? presentAssignees(project, personId) : [];
  const isUndoable = assignedBefore === 'no-one' || assignees.some(({ id }) => id === assignedBefore);
  return {
    url: `${projectUrl(project)}/assignee`,
    assignment: project.assignment && presentAssignment(project.assignment, { personId, now }),
    assignees,
    /** Whether there is no one else to assign it to. */
    shareFirst: mayManage && assignees.length === 1,
    undo:
      mayChange && assignedBefore !== undefined && isUndoable && assignedBefore !== project.assignment?.id
        ? { assigneeId: assignedBefore === 'no-one' ? '' : assignedBefore }
        : undefined,
  };
}

/** Who else sees the project, or what the viewer may do in it. */
function describeVisibility({ project, relation, isOwn, mayChange }: ProjectPageInput): string {
  const members = project.members?.length ?? 0;
  if (relation === 'owner' && members > 0) return `shared with ${formatCount(members)}`;
  if (relation === 'owner')
    return isOwn ? 'only you, admins and auditors can see this' : 'everyone in the team can edit';
  if (relation === 'reviewer') return 'you can correct the text';
  return mayChange ? 'you can edit' : 'view only';
}

/** Pages that are there already can be processed again, unless a person worked on them. */
function describeLanguageChange(
  { languages = [] }: Project,
  { pages, kept }: { pages: number; kept: number },
) {
  const names = nameLanguages(languages);
  const left = `${countOf(kept, 'page')} with corrections, a review or languages of ${kept === 1 ? 'its' : 'their'} own ${kept === 1 ? 'stays' : 'stay'} as ${kept === 1 ? 'it is' : 'they are'}.`;
  return {
    title: names ? `Languages changed to ${names}.` : 'No languages are selected any more.',
    explanation: `Pages processed from now on use this choice.${pages > 0 && kept > 0 ? ` ${left}` : ''}`,
    button: pages > 0 ? `Detect text of ${countOf(pages, 'page')} again` : '',
  };
}

/** Empty when the refusal is not about a file: then its sentence stands alone. */
function describeRefused(files: number): string {
  if (files === 0) return '';
  return files === 1 ? '1 file wasn’t added' : `${countOf(files, 'file')} weren’t added`;
}

function hintOf({ maxFileBytes, maxDocumentBytes }: UploadLimits): string {
  const images = `JPEG, PNG, WebP, HEIC or AVIF up to ${formatBytes(maxFileBytes)}`;
  const documents = `PDF or TIFF up to ${formatBytes(maxDocumentBytes)}`;
  return `${images}, or ${documents}.`;
}

/** Shown before an upload, and more prominently when little is left. */
function describePagesLeft(allowance: ProjectPageInput['allowance']): string {
  if (!allowance) return '';
  const { pagesPerDay, pagesLeft } = allowance;
  if (pagesLeft === 0)
    return `You can’t add more pages today. The limit is ${countOf(pagesPerDay, 'page')} a day. Try again after midnight UTC.`;
  return `You can add ${countOf(pagesLeft, 'more page')} today.`;
}

function directOf({ directAboveBytes: aboveBytes }: UploadLimits) {
  return aboveBytes === undefined ? undefined : { aboveBytes, formLimit: formatBytes(aboveBytes) };
}

function factsOf(overview: ProjectOverview): string[] {
  const facts = [countOf(overview.pageCount, 'page')];
  if (overview.underWayCount > 0) facts.push(`${formatCount(overview.underWayCount)} processing`);
  if (overview.failedCount > 0) facts.push(`${formatCount(overview.failedCount)} failed`);
  if (overview.doubtfulCount > 0) facts.push(`${countOf(overview.doubtfulCount, 'word')} to check`);
  return facts;
}

export function projectUrl(project: { id: string }): string {
  return `/projects/${project.id}`;
}
