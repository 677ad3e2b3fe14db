// The form that detects a page's text again, in languages that a person selects.
import { type Request, Router } from 'express';
import * as z from 'zod';
import { isPaperliftError } from '../errors.ts';
import { statusOf } from '../http/error-response.ts';
import { personOf } from '../http/request.ts';
import { languageFields } from '../projects/language-list.ts';
import { type LanguageSettings, presentLanguages } from '../projects/languages.presenter.ts';
import type { ProjectService } from '../projects/project.service.ts';
import { nameLanguages } from '../text/languages.ts';
import type { PageService } from './page.service.ts';
import type { PageActions } from './page-actions.service.ts';
import { hasWork } from './page-work.ts';

interface Dependencies {
  projects: Pick<ProjectService, 'open'>;
  pages: Pick<PageService, 'read'>;
  pageActions: Pick<PageActions, 'retryPage'>;
  languages: LanguageSettings;
}

type PageRequest = Request<{ projectId: string; pageId: string }>;

/** Where the person came from, and goes back to. */
const origin = z.enum(['page', 'project']).catch('project');

const detectAgainForm = z.object({
  languages: languageFields,
  discard: z.literal('yes').optional(),
  from: origin,
});

export function detectAgainRoutes({ projects, pages, pageActions, languages }: Dependencies) {
  const router = Router();
  const address = '/projects/:projectId/pages/:pageId/detect-again';

  function backUrl({ params: { projectId, pageId } }: PageRequest, from: z.infer<typeof origin>): string {
    return from === 'page' ? `/projects/${projectId}/pages/${pageId}` : `/projects/${projectId}`;
  }

  async function present(request: PageRequest, from: z.infer<typeof origin>, refusal = '') {
    const { projectId, pageId } = request.params;
    const person = personOf(request);
    const project = await projects.open(person, projectId);
    const { page, number } = await pages.read(person, projectId, pageId);
    const usual = nameLanguages(project.languages ?? languages.defaults);
    const otherwise = usual
      ? `None selected: ${usual}, as in the project.`
      : 'None selected: detected automatically.';
    return {
      project: { name: project.name, url: `/projects/${projectId}` },
      page: { number, url: `/projects/${projectId}/pages/${pageId}` },
      languages: presentLanguages(page.languages ?? [], languages, otherwise),
      isWorkedOn: hasWork(page),
      from,
      backUrl: backUrl(request, from),
      refusal,
    };
  }

  router.get(address, async (request: PageRequest, response) => {
    response.render('pages/detect-again', await present(request, origin.parse(request.query.from)));
  });

  router.post(address, async (request: PageRequest, response) => {
    const { projectId, pageId } = request.params;
    const { from, discard, ...reading } = detectAgainForm.parse(request.body);
    try {
      const retry = { ...reading, discardCorrections: discard === 'yes' };
      await pageActions.retryPage(personOf(request), projectId, pageId, retry);
      response.redirect(303, backUrl(request, from));
    } catch (error) {
      // corrected meanwhile, being processed, or no pages are left today
      if (!isPaperliftError(error) || !['conflict', 'too-many'].includes(error.kind)) throw error;
      response
        .status(statusOf(error))
        .render('pages/detect-again', await present(request, from, error.sentence));
    }
  });

  return router;
}
