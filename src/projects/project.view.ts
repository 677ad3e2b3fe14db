import type { Request, Response } from 'express';
import type { ProjectPageInput } from './project.presenter.ts';

/** What a project's page shows in addition, after an error. */
export type ShowOptions = Pick<
  ProjectPageInput,
  'refusals' | 'notice' | 'form' | 'languagesChanged' | 'assignedBefore'
>;

/** Shows a project's page, to which several features contribute. */
export interface ProjectView {
  show(
    request: Request<{ projectId: string }>,
    response: Response,
    status?: number,
    options?: ShowOptions,
  ): Promise<void>;
}
