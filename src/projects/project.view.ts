import type { Request, Response } from 'express';
import type { ProjectPageInput } from './project.presenter.ts';

/** What a project's page is shown with besides what it holds: after something went wrong. */
export type ShowOptions = Pick<ProjectPageInput, 'refusals' | 'notice' | 'form'>;

/** Shows the page of a project, which holds what several features add to it. */
export interface ProjectView {
  show(
    request: Request<{ projectId: string }>,
    response: Response,
    status?: number,
    options?: ShowOptions,
  ): Promise<void>;
}
