import type { AuditService } from '../audit/audit.service.ts';
import type { Blob } from '../aws/blob-store.ts';
import { notFound } from '../errors.ts';
import type { Person } from '../people/person.ts';
import { aboutProject, type ProjectService } from '../projects/project.service.ts';
import type { Project } from '../projects/project.ts';
import type { ProjectContents } from '../projects/project-contents.store.ts';
import { countsOf } from '../text/corrections.ts';
import type { PageStore } from './page.store.ts';
import type { Page, PageSummary } from './page.ts';
import type { ImageKind, PageImages } from './page-images.ts';
import type { PageDetail, PageReader } from './page-reader.ts';
import type { ShownAs } from './turning.ts';

interface Dependencies {
  projects: ProjectService;
  pages: Pick<PageStore, 'find' | 'listIn' | 'withText' | 'keepCounts'>;
  reader: PageReader;
  images: Pick<PageImages, 'open'>;
  audit: Pick<AuditService, 'recordRead'>;
}

interface ProjectRead {
  project: Project;
  contents: ProjectContents;
}

/** Reads pages. Changes: page-actions.service.ts and review/review.service.ts. */
export function createPageService({ projects, pages, reader, images, audit }: Dependencies) {
  async function find(projectId: string, pageId: string): Promise<Page> {
    const page = await pages.find(projectId, pageId);
    if (!page) throw notFound('page');
    return page;
  }

  /** As viewed. Audited when the page is in someone else's project. */
  const recordView = (person: Person, project: Project, { id: pageId, fileName }: Page) =>
    audit.recordRead({ ...aboutProject(person, project), action: 'page.viewed', pageId, fileName });

  /** With its counts as they are today: which words are unsure was decided by other rules when older pages were read. */
  async function recount(detail: PageDetail): Promise<PageDetail> {
    const { page, lines } = detail;
    const counts = countsOf(lines, page);
    const isRight = page.wordCount === counts.wordCount && page.doubtfulCount === counts.doubtfulCount;
    if (page.status !== 'ready' || isRight) return detail;
    await pages.keepCounts(page, counts).catch(() => {}); // the next reader stores them
    return { ...detail, page: { ...page, ...counts } };
  }

  /** The page among all of its project, by what was read of the project at one time. */
  async function detailIn({ project, contents }: ProjectRead, pageId: string) {
    const siblings = pages.listIn(contents);
    const at = siblings.findIndex(({ id }) => id === pageId);
    const page = siblings[at] && (await pages.withText(siblings[at]));
    if (!page) throw notFound('page');
    const detail = await recount(await reader.detail(page, at + 1, project));
    return { ...detail, siblings };
  }

  return {
    async list(person: Person, projectId: string): Promise<PageSummary[]> {
      const { contents } = await projects.viewContents(person, projectId);
      return pages.listIn(contents);
    },

    async read(
      person: Person,
      projectId: string,
      pageId: string,
    ): Promise<PageDetail & { project: Project; siblings: PageSummary[] }> {
      const read = await projects.readContents(person, projectId);
      const { project, contents } = read;
      const page = pages.listIn(contents).find(({ id }) => id === pageId);
      if (!page) throw notFound('page');
      await recordView(person, project, page);
      return { project, ...(await detailIn(read, pageId)) };
    },

    /** The page after a change. Not audited as a view. */
    async readChanged(person: Person, projectId: string, pageId: string): Promise<PageDetail> {
      return detailIn(await projects.viewContents(person, projectId), pageId);
    },

    /**
     * The upright image or its thumbnail, a JPEG, as it was shown before (to match polygons that were read then) or
     * as it is. Missing until the page is prepared.
     */
    async openImage(
      person: Person,
      projectId: string,
      pageId: string,
      { kind, ...as }: ShownAs & { kind: ImageKind },
    ): Promise<Blob> {
      const project = await projects.read(person, projectId);
      const page = await find(projectId, pageId);
      if (kind === 'image') await recordView(person, project, page);
      return images.open(page, kind, as);
    },
  };
}

export type PageService = ReturnType<typeof createPageService>;
