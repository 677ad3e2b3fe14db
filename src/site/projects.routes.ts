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
import type { PageActions } from '../pages/page-actions.service.ts';
import type { SummaryService } from '../pages/summary.service.ts';
import type { Policies } from '../people/policies.ts';
import { languageFields } from '../projects/language-list.ts';
import type { LanguageSettings } from '../projects/languages.presenter.ts';
import { listQuery } from '../projects/project.api.ts';
import { presentProjectPage, type RefusedForm, type UploadLimits } from '../projects/project.presenter.ts';
import type { ProjectService } from '../projects/project.service.ts';
import { projectName } from '../projects/project.ts';
import type { ShowOptions } from '../projects/project.view.ts';
import { writeCursor } from '../projects/project-cursor.ts';
import { presentProjectList } from '../projects/project-list.presenter.ts';
import { granteeId } from '../projects/sharing.api.ts';
import type { Language } from '../text/languages.ts';
import { overviewOf, toOverview } from './overview.ts';
import type { ProjectViewService } from './project-view.service.ts';

interface Dependencies {
  projectViews: ProjectViewService;
  policies: Policies;
  /** What is left of the day's pages, when few are left. */
  noticeAllowance: ViewAllowance;
  limits: UploadLimits;
  languages: LanguageSettings;
  translateInto: readonly Language[];
  now: () => Date;
}

type ProjectRequest = Request<{ projectId: string }>;

export function createProjectView(dependencies: Dependencies) {
  const { projectViews, policies, noticeAllowance, limits, languages, translateInto, now } = dependencies;

  async function present(request: ProjectRequest, options: ShowOptions = {}) {
    const person = personOf(request);
    const { projectId } = request.params;
    const isUpdate = request.path.endsWith('/status');
    const [{ project, pages: items, deleted, imports: files, exports: made }, left] = await Promise.all([
      isUpdate ? projectViews.readNow(person, projectId) : projectViews.open(person, projectId),
      isUpdate ? undefined : noticeAllowance(person.id),
    ]);
    const mayChange = policies.mayInProject(person, 'edit', project);
    const fingerprint = fingerprintOf(project, items);
    return {
      project: presentProjectPage({
        ...overviewOf(project, items),
        relation: policies.takesPart(person, project) ? policies.relationTo(person, project) : undefined,
        personId: person.id,
        isOwn: project.ownerId === person.id,
        mayChange,
        mayManage: policies.mayInProject(person, 'manage', project),
        now: now(),
        limits,
        languages,
        allowance: left,
        ...options,
      }),
      pages: presentPagesFragment({
        project,
        pages: items,
        mayChange,
        isAdministrator: policies.may(person, 'settings.read'),
        deleted,
        now: now(),
      }),
      imports: presentImports({ project, imports: files, mayChange }),
      files: { all: acceptedFiles, images: acceptedImages },
      exports: presentExports({
        project,
        exports: made,
        fingerprint,
        mayExport: mayChange,
        translateInto,
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

type ListDependencies = Pick<Dependencies, 'policies' | 'languages' | 'now'> & {
  pageActions: Pick<PageActions, 'countUntouched'>;
  projects: ProjectService;
  summaries: SummaryService;
  view: FullProjectView;
};

export function projectRoutes(dependencies: ListDependencies) {
  const { projects, pageActions, summaries, policies, languages, now, view } = dependencies;
  const router = Router();

  async function showList(request: Request, response: Response, status = 200, form?: RefusedForm) {
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
        scope,
        teams: person.teams,
        order,
        search: search?.trim() ?? '',
        mayCreate: policies.may(person, 'projects.create'),
        mayListAll: policies.may(person, 'projects.list-all'),
        now: now(),
        languages,
        ...(form ? { form } : {}),
      }),
    );
  }

  router.get('/', (request, response) => showList(request, response));

  router.post('/projects', async (request, response) => {
    const person = personOf(request);
    const name = projectName.safeParse(request.body?.name);
    const chosen = languageFields.parse(request.body?.languages);
    if (!name.success) {
      const entered = { ...enteredValues(request, name.error.issues), languages: chosen };
      return showList(request, response, 400, entered);
    }
    const teamId = granteeId.safeParse(request.body?.teamId).data;
    const project = await projects.create(person, { name: name.data, languages: chosen, teamId });
    response.redirect(303, `/projects/${project.id}`);
  });

  router.get('/projects/:projectId', async (request: ProjectRequest, response) => {
    const before = request.query['assigned-before'];
    if (typeof before === 'string') return view.show(request, response, 200, { assignedBefore: before });
    if (request.query.changed !== 'languages') return view.show(request, response);
    const { projectId } = request.params;
    const { project } = await projects.readContents(personOf(request), projectId);
    const mayChange = policies.mayInProject(personOf(request), 'edit', project);
    const languagesChanged = mayChange ? await pageActions.countUntouched(projectId) : undefined;
    await view.show(request, response, 200, { languagesChanged });
  });

  /** Asked by the project's page while it is open: whether the person may still see it. */
  router.get('/projects/:projectId/access', async (request: ProjectRequest, response) => {
    await projects.read(personOf(request), request.params.projectId);
    response.status(204).end();
  });

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

  router.post('/projects/:projectId/languages', async (request: ProjectRequest, response) => {
    const { projectId } = request.params;
    const languages = languageFields.parse(request.body?.languages);
    await projects.change(personOf(request), projectId, { languages });
    response.redirect(303, `/projects/${projectId}?changed=languages`);
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
