// What the views of projects show: sentences, counts and addresses instead of records.
import { sayTime } from '../http/times.ts';
import type { Project } from './project.ts';

/** A status: always a word, its tone only colours it. */
export interface Pill {
  tone: 'quiet' | 'good' | 'doubt' | 'failed';
  text: string;
}

/** A project with what its pages add up to. `changedAt` is ISO 8601. */
export interface ProjectOverview {
  project: Project;
  pageCount: number;
  failedCount: number;
  underWayCount: number;
  doubtfulCount: number;
  changedAt: string;
  /** Addresses of the first pages' thumbnails, three at most. */
  thumbnails?: string[];
}

/** A form that came back: why, and what was typed into it. */
interface RefusedForm {
  name: string;
  error: string;
}

export interface ProjectListInput {
  projects: ProjectOverview[];
  cursor?: string;
  scope: 'own' | 'all';
  mayCreate: boolean;
  mayListAll: boolean;
  now: Date;
  form?: RefusedForm;
}

/** The list of projects, as `projects/list` shows it. */
export function presentProjectList(input: ProjectListInput) {
  const showsAll = input.scope === 'all' && input.mayListAll;
  const next = new URLSearchParams({
    ...(showsAll && { scope: 'all' }),
    ...(input.cursor && { cursor: input.cursor }),
  });
  return {
    heading: showsAll ? 'All projects' : 'Projects',
    rows: input.projects.map((overview) => presentRow(overview, showsAll, input.now)),
    scopes: input.mayListAll
      ? [
          { label: 'Mine', url: '/', current: !showsAll },
          { label: 'Everyone’s', url: '/?scope=all', current: showsAll },
        ]
      : [],
    showsAll,
    mayCreate: input.mayCreate,
    nextUrl: input.cursor ? `/?${next}` : undefined,
    form: input.form,
  };
}

function presentRow(overview: ProjectOverview, showsOwner: boolean, now: Date) {
  const { project } = overview;
  return {
    name: project.name,
    url: projectUrl(project),
    pages: countOf(overview.pageCount, 'page'),
    owner: showsOwner ? project.ownerName : undefined,
    thumbnails: (overview.thumbnails ?? []).slice(0, 3),
    sheets: Math.min(overview.pageCount, 3),
    pills: pillsOf(overview),
    changed: sayTime(overview.changedAt, now),
  };
}

function pillsOf(overview: ProjectOverview): Pill[] {
  const { pageCount, failedCount, underWayCount, doubtfulCount } = overview;
  if (pageCount === 0) return [{ tone: 'quiet', text: 'no pages yet' }];
  const pills: Pill[] = [];
  if (failedCount > 0) pills.push({ tone: 'failed', text: `${countOf(failedCount, 'page')} failed` });
  if (underWayCount > 0) {
    const current = Math.min(pageCount - underWayCount + 1, pageCount);
    pills.push({ tone: 'quiet', text: `reading ${formatCount(current)} of ${formatCount(pageCount)}` });
  }
  if (pills.length === 0 && doubtfulCount > 0) {
    pills.push({ tone: 'doubt', text: `${countOf(doubtfulCount, 'word')} to check` });
  }
  return pills.length > 0 ? pills : [{ tone: 'good', text: 'ready' }];
}

export interface UploadLimits {
  maxFileBytes: number;
  /** Of a PDF or TIFF. */
  maxDocumentBytes: number;
  maxFiles: number;
  /** Given where larger uploads go straight to S3. */
  directAboveBytes?: number | undefined;
}

export interface ProjectPageInput extends ProjectOverview {
  /** Whether the one who looks is the project's owner. */
  isOwner: boolean;
  mayChange: boolean;
  now: Date;
  limits: UploadLimits;
  /** Files that were not taken, each with the sentence that says why and what to do. */
  refusals?: { fileName: string; message: string }[];
  notice?: string;
  /** The rename form that came back. */
  form?: RefusedForm;
}

/** One project's head, controls and facts, as `projects/show` and `projects/status` show them. */
export function presentProjectPage(input: ProjectPageInput) {
  const { project } = input;
  return {
    id: project.id,
    name: project.name,
    url: projectUrl(project),
    facts: factsOf(input),
    changed: sayTime(input.changedAt, input.now),
    visibility: input.isOwner
      ? 'only you, admins and auditors can see this'
      : `${project.ownerName}’s project${input.mayChange ? '' : ', which you may read'}`,
    isEmpty: input.pageCount === 0,
    mayChange: input.mayChange,
    uploadHint: hintOf(input.limits),
    maxFileBytes: Math.max(input.limits.maxFileBytes, input.limits.maxDocumentBytes),
    now: input.now.toISOString(),
    direct: directOf(input.limits),
    deleteWarning:
      input.pageCount === 0
        ? 'There are no pages in it. This cannot be undone.'
        : `Its ${countOf(input.pageCount, 'page')}, their text and all exports go with it. This cannot be undone.`,
    refusals: (input.refusals ?? []).map(({ fileName, message }) => ({
      fileName: sayFileName(fileName),
      message,
    })),
    notice: input.notice,
    form: input.form,
  };
}

function hintOf({ maxFileBytes, maxDocumentBytes, maxFiles }: UploadLimits): string {
  const images = `JPEG, PNG, WebP or HEIC up to ${formatBytes(maxFileBytes)}`;
  const documents = `PDF or TIFF up to ${formatBytes(maxDocumentBytes)}`;
  return `${images}, ${documents}, and ${countOf(maxFiles, 'file')} at once.`;
}

function directOf({ directAboveBytes: aboveBytes }: UploadLimits) {
  return aboveBytes === undefined ? undefined : { aboveBytes, formLimit: formatBytes(aboveBytes) };
}

function factsOf(overview: ProjectOverview): string[] {
  const facts = [countOf(overview.pageCount, 'page')];
  if (overview.underWayCount > 0) facts.push(`${formatCount(overview.underWayCount)} being read`);
  if (overview.failedCount > 0) facts.push(`${formatCount(overview.failedCount)} failed`);
  if (overview.doubtfulCount > 0) facts.push(`${countOf(overview.doubtfulCount, 'word')} to check`);
  return facts;
}

export function projectUrl(project: { id: string }): string {
  return `/projects/${project.id}`;
}

const numbers = new Intl.NumberFormat('en');

export function formatCount(count: number): string {
  return count < 1000 ? String(count) : numbers.format(count);
}

/** "1 page", "312 pages". */
export function countOf(count: number, noun: string): string {
  return `${formatCount(count)} ${noun}${count === 1 ? '' : 's'}`;
}

/** "830 bytes", "12 KB", "4.1 MB": powers of 1024, as file managers count. */
export function formatBytes(bytes: number): string {
  if (bytes < 1024) return countOf(bytes, 'byte');
  if (bytes < 1024 ** 2) return `${Math.round(bytes / 1024)} KB`;
  const megabytes = bytes / 1024 ** 2;
  return `${megabytes < 10 ? Number(megabytes.toFixed(1)) : formatCount(Math.round(megabytes))} MB`;
}

/** A file's name fit to stand in a sentence: short, and without characters that turn the writing round. */
export function sayFileName(fileName: string): string {
  const letters = [...fileName.replace(/[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/g, '')];
  if (letters.length <= 44) return letters.join('');
  return `${letters.slice(0, 28).join('')}…${letters.slice(-12).join('')}`;
}
