// The language of a page. Pages that were read before languages were told are treated as one that is read today.
import type { Project } from '../projects/project.ts';
import type { Language } from '../text/languages.ts';
import { detectLanguage } from '../text/page-language.ts';
import type { Page, PageSummary } from './page.ts';

/** What the deployment says of projects that choose none. */
export type DefaultLanguages = Language[];

/** What somebody said that a page is written in: of the page itself, else of its project, else of the deployment. */
export function chosenLanguages(
  { languages }: Pick<Page, 'languages'>,
  project: Pick<Project, 'languages'> | undefined,
  defaults: DefaultLanguages,
): Language[] {
  return languages ?? project?.languages ?? defaults;
}

/** Without its `text`, a page that has no language gets the chosen one, where that is only one. */
export function withLanguage<P extends PageSummary>(
  page: P,
  {
    project,
    defaults,
    text = '',
  }: { project: Pick<Project, 'languages'>; defaults: DefaultLanguages; text?: string },
): P {
  if (page.language || page.status !== 'ready') return page;
  const language = detectLanguage(text, chosenLanguages(page, project, defaults));
  return language ? { ...page, language } : page;
}
