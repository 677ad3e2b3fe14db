import type { AuditService } from '../audit/audit.service.ts';
import type { Blob } from '../aws/blob-store.ts';
import type { Person } from '../people/person.ts';
import { aboutProject, type ProjectService } from '../projects/project.service.ts';
import type { PageStore } from './page.store.ts';
import type { Page, PageSummary } from './page.ts';
import type { ImageKind, PageImages } from './page-images.ts';
import type { PageDetail, PageReader } from './page-reader.ts';
import type { Rotation } from './turning.ts';

interface Dependencies {
  projects: ProjectService;
  pages: Pick<PageStore, 'list'>;
  reader: PageReader;
  images: Pick<PageImages, 'open'>;
  audit: Pick<AuditService, 'recordRead'>;
}

/** Reading pages. What people do to them: page-actions.service.ts and review/review.service.ts. */
export function createPageService({ projects, pages, reader, images, audit }: Dependencies) {
  const { find, detail } = reader;

  async function numberOf(page: Page): Promise<{ number: number; siblings: PageSummary[] }> {
    const siblings = await pages.list(page.projectId);
    return { number: siblings.findIndex((sibling) => sibling.id === page.id) + 1, siblings };
  }

  /** The page, to look at: noted when it is in somebody else's project. */
  async function view(person: Person, projectId: string, pageId: string): Promise<Page> {
    const project = await projects.read(person, projectId);
    const page = await find(projectId, pageId);
    await audit.recordRead({
      ...aboutProject(person, project),
      action: 'page.viewed',
      pageId,
      fileName: page.fileName,
    });
    return page;
  }

  return {
    async list(person: Person, projectId: string): Promise<PageSummary[]> {
      const [, listed] = await Promise.all([projects.view(person, projectId), pages.list(projectId)]);
      return listed;
    },

    async read(
      person: Person,
      projectId: string,
      pageId: string,
    ): Promise<PageDetail & { siblings: PageSummary[] }> {
      const page = await view(person, projectId, pageId);
      const { number, siblings } = await numberOf(page);
      return { ...(await detail(page, number)), siblings };
    },

    /** The page as it is after somebody changed it: it was not opened to be looked at, so no trail says so. */
    async readChanged(person: Person, projectId: string, pageId: string): Promise<PageDetail> {
      await projects.view(person, projectId);
      const page = await find(projectId, pageId);
      return detail(page, (await numberOf(page)).number);
    },

    /**
     * The upright image or its thumbnail, a JPEG: at the rotation that is asked for, so that it goes with polygons that
     * were read before a turn, or at that of the page now. Not there until the page is prepared.
     */
    async openImage(
      person: Person,
      projectId: string,
      pageId: string,
      { kind, rotation }: { kind: ImageKind; rotation?: Rotation | undefined },
    ): Promise<Blob> {
      const page =
        kind === 'image'
          ? await view(person, projectId, pageId)
          : await projects.read(person, projectId).then(() => find(projectId, pageId));
      return images.open(page, kind, rotation);
    },
  };
}

export type PageService = ReturnType<typeof createPageService>;
