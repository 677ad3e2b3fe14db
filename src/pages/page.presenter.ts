// What the views of pages show: the cards of a project. One page beside its text is in review.presenter.ts.
import { countOf, formatCount, type Pill, projectUrl, sayFileName } from '../projects/project.presenter.ts';
import type { Project } from '../projects/project.ts';
import { isFinal, type Page, type PageSummary } from './page.ts';

export interface PagesFragmentInput {
  project: Pick<Project, 'id'>;
  /** In their order: a page's number is its place. */
  pages: PageSummary[];
  mayChange: boolean;
}

/** A project's failed pages and its grid of pages, as `projects/status` shows them. */
export function presentPagesFragment({ project, pages, mayChange }: PagesFragmentInput) {
  const cards = pages.map((page, index) => presentCard(project, page, index + 1));
  const underWay = pages.filter((page) => !isFinal(page)).length;
  return {
    cards,
    failed: pages.flatMap((page, index) =>
      page.status === 'failed' ? [presentFailed(project, page, index + 1)] : [],
    ),
    underWay,
    announcement: announce(pages, underWay),
    mayChange,
  };
}

function presentCard(project: Pick<Project, 'id'>, page: PageSummary, number: number) {
  return {
    id: page.id,
    number,
    url: pageUrl(project, page),
    thumbnailUrl: page.thumbnailKey ? thumbnailUrl(project, page) : undefined,
    pill: pillOf(page),
    words: page.status === 'ready' ? (page.preview ?? '') : sayFileName(page.fileName),
  };
}

function presentFailed(project: Pick<Project, 'id'>, page: PageSummary, number: number) {
  return {
    id: page.id,
    number,
    url: pageUrl(project, page),
    fileName: sayFileName(page.fileName),
    message: failureOf(page),
    retryUrl: `${pageUrl(project, page)}/retry`,
  };
}

export function failureOf(page: Pick<Page, 'failure'>): string {
  return page.failure?.message ?? 'The page could not be read, and nothing says why. Try again.';
}

export function pillOf(page: Pick<Page, 'status' | 'doubtfulCount' | 'wordCount' | 'reviewedAt'>): Pill {
  switch (page.status) {
    case 'uploaded':
      return { tone: 'quiet', text: 'waiting' };
    case 'preparing':
      return { tone: 'quiet', text: 'preparing…' };
    case 'detecting':
      return { tone: 'quiet', text: 'reading…' };
    case 'failed':
      return { tone: 'failed', text: 'failed' };
    case 'ready':
      if (page.reviewedAt) return { tone: 'good', text: 'reviewed' };
      if (page.doubtfulCount) return { tone: 'doubt', text: `${formatCount(page.doubtfulCount)} to check` };
      return page.wordCount === 0 ? { tone: 'quiet', text: 'no text' } : { tone: 'good', text: 'ready' };
  }
}

function announce(pages: PageSummary[], underWay: number): string {
  const failed = pages.filter((page) => page.status === 'failed').length;
  const parts = [`${countOf(pages.length - underWay - failed, 'page')} ready`];
  if (underWay > 0) parts.push(`${formatCount(underWay)} being read`);
  if (failed > 0) parts.push(`${formatCount(failed)} failed`);
  return `${parts.join(', ')}.`;
}

export function pageUrl(project: { id: string }, page: { id: string }): string {
  return `${projectUrl(project)}/pages/${page.id}`;
}

/** Where a page's thumbnail is; the revision makes the address change with the image. */
export function thumbnailUrl(project: { id: string }, page: { id: string; revision: number }): string {
  return `${pageUrl(project, page)}/thumbnail?r=${page.revision}`;
}
