import { type Request, type Response, Router } from 'express';
import { isPaperliftError } from '../errors.ts';
import { presentExports } from '../exports/export.presenter.ts';
import { fingerprintOf } from '../exports/fingerprint.ts';
import { acceptedFiles, acceptedImages } from '../files/file-types.ts';
import { readQuery } from '../http/query.ts';
import { personOf } from '../http/request.ts';
import { presentImports } from '../imports/import.presenter.ts';
import type { ViewAllowance } from '../pages/allowance.ts';
import { presentPagesFragment } from '../pages/page.presenter.ts';
import type { SummaryService } from '../pages/summary.service.ts';
import type { Policies } from '../people/policies.ts';
import { listQuery, writeCursor } from '../projects/project.api.ts';
import { presentProjectList, presentProjectPage, type UploadLimits } from '../projects/project.presenter.ts';
import type { ProjectService } from '../projects/project.service.ts';
import { projectName } from '../projects/project.ts';
import type { ShowOptions } from '../projects/project.view.ts';
import { overviewOf, toOverview } from './overview.ts';
import type { ProjectViewService } from './project-view.service.ts';

interface Dependencies {
  projectViews: ProjectViewService;
  policies: Policies;
  /** What is left of the day's pages, when few are left. */
  noticeAllowance: ViewAllowance;
  limits: UploadLimits;
  now: () => Date;
}

type ProjectRequest = Request<{ projectId: string }>;

export function createProjectView({ projectViews, policies, noticeAllowance, limits, now }: Dependencies) {
  async function present(request: ProjectRequest, options: ShowOptions = {}) {
    const person = personOf(request);
    const { projectId } = request.params;
    const isUpdate = request.path.endsWith('/status');
    const [{ project, pages: items, deleted, imports: files, exports: made }, left] = await Promise.all([
      isUpdate ? projectViews.readNow(person, projectId) : projectViews.open(person, projectId),
      isUpdate ? undefined : noticeAllowance(person.id),
    ]);
    const mayChange = policies.mayChangeProject(person, project);
    const fingerprint = fingerprintOf(project, items);
    return {
      project: presentProjectPage({
        ...overviewOf(project, items),
        isOwner: project.ownerId === person.id,
        mayChange,
        now: now(),
        limits,
        allowance: left,
        ...options,
      }),
      pages: presentPagesFragment({ project, pages: items, mayChange, deleted, now: now() }),
      imports: presentImports({ project, imports: files, mayChange }),
      files: { all: acceptedFiles, images: acceptedImages },
      exports: presentExports({
        project,
        exports: made,
        fingerprint,
        mayExport: mayChange,
        now: now(),
      }),
    };
  }

  return {
    present,
    async show(request: ProjectRequest, response: Response, status = 200, options: ShowOptions = {}) {
      const model = await present(request, options);
      response.status(status).render('projects/show', model);
    },
  };
}

type FullProjectView = ReturnType<typeof createProjectView>;

type ListDependencies = Pick<Dependencies, 'policies' | 'now'> & {
  projects: ProjectService;
  summaries: SummaryService;
  view: FullProjectView;
};

export function projectRoutes({ projects, summaries, policies, now, view }: ListDependencies) {
  const router = Router();

  async function showList(
    request: Request,
    response: Response,
    status = 200,
    form?: { name: string; error: string },
  ) {
    const person = personOf(request);
    const { cursor: given, scope: asked, sort, q } = request.query;
    const query = readQuery(listQuery, { cursor: given, scope: asked, q, sort: sort || 'changed' });
    const { scope, order, search, cursor } = query;
    const list = await projects.list(person, query);
    const listed = await summaries.summarize(list.items);
    response.status(status).render(
      'projects/list',
      presentProjectList({
        projects: listed.map(toOverview),
        ...(list.cursor ? { cursor: writeCursor(order, list.cursor) } : {}),
        isFirst: !cursor,
        scope: scope === 'all' ? 'all' : 'own',
        order,
        search: search?.trim() ?? '',
        mayCreate: policies.mayCreateProject(person),
        mayListAll: policies.mayListAllProjects(person),
        now: now(),
        ...(form ? { form } : {}),
      }),
    );
  }

  router.get('/', (request, response) => showList(request, response));

  router.post('/projects', async (request, response) => {
    const person = personOf(request);
    const name = projectName.safeParse(request.body?.name);
    if (!name.success) return showList(request, response, 400, enteredValues(request, name.error.issues));
    const project = await projects.create(person, { name: name.data });
    response.redirect(303, `/projects/${project.id}`);
  });

  router.get('/projects/:projectId', (request: ProjectRequest, response) => view.show(request, response));

  router.get('/projects/:projectId/status', async (request: ProjectRequest, response) => {
    response.render('projects/status', await view.present(request));
  });

  router.post('/projects/:projectId/rename', async (request: ProjectRequest, response) => {
    const person = personOf(request);
    await projects.open(person, request.params.projectId);
    const name = projectName.safeParse(request.body?.name);
    if (!name.success) {
      return view.show(request, response, 400, { form: enteredValues(request, name.error.issues) });
    }
    await projects.change(person, request.params.projectId, { name: name.data });
    response.redirect(303, `/projects/${request.params.projectId}`);
  });

  router.post('/projects/:projectId/delete', async (request: ProjectRequest, response) => {
    try {
      await projects.remove(personOf(request), request.params.projectId);
    } catch (error) {
      if (!isPaperliftError(error, 'project-not-found')) throw error; // sent twice: it is gone, as was wanted
    }
    response.redirect(303, '/');
  });

  return router;
}

function enteredValues(request: Request, issues: { message: string }[]) {
  const typed: unknown = request.body?.name;
  const name = typeof typed === 'string' ? typed.toWellFormed().slice(0, 500) : '';
  return { name, error: issues[0]?.message ?? 'Enter a project name.' };
}
