// Files that arrive in a multipart form. Shared by the site's pages, the API and phones, which answer differently.
import type { Request } from 'express';
import type { Page } from '../pages/page.ts';
import type { Person } from '../people/person.ts';
import type { Accepted } from './accepted.ts';
import type { MultipartReceiver } from './multipart.ts';
import { readNamedUpload } from './named-upload.ts';
import type { UploadService } from './upload.service.ts';
import { type Refusal, UploadRefusedError } from './upload-refused.error.ts';

interface Dependencies {
  uploads: UploadService;
  multipart: MultipartReceiver;
}

export interface AddedFiles {
  made: Accepted;
  refusals: Refusal[];
}

interface AddOptions {
  /** The limit of files; a named upload has one. */
  maxFiles?: number;
}

export function createFormUploads({ uploads, multipart }: Dependencies) {
  async function addPages(
    request: Request,
    person: Person,
    projectId: string,
    { maxFiles }: AddOptions = {},
  ): Promise<AddedFiles> {
    const named = readNamedUpload(request, new Date());
    const destination = await uploads.reserve(person, projectId, { named });
    const { stored, refusals } = await multipart.receive(request, 'files', destination, named ? 1 : maxFiles);
    const made = stored.length > 0 ? await uploads.accept(destination, stored) : { pages: [], imports: [] };
    return { made, refusals };
  }

  return {
    /**
     * Adds the form's files to the project. Rejected files are listed beside those that became pages or imports.
     * Throws before the body is read when the person may not add pages.
     */
    addPages,

    /** The same for programs: throws the first refusal when no file was accepted. */
    async addPagesOrRefuse(request: Request, person: Person, projectId: string, options?: AddOptions) {
      const added = await addPages(request, person, projectId, options);
      const { made, refusals } = added;
      if (made.pages.length + made.imports.length === 0) throw new UploadRefusedError(refusals);
      return added;
    },

    /** Replaces the page's image with the form's one file. */
    async replaceImage(request: Request, person: Person, projectId: string, pageId: string): Promise<Page> {
      const destination = await uploads.reserveReplacement(person, projectId, pageId);
      const { stored, refusals } = await multipart.receive(request, 'files', destination, 1);
      const [file] = stored;
      if (!file) throw new UploadRefusedError(refusals);
      return uploads.replace(person, destination, file);
    },
  };
}

export type FormUploads = ReturnType<typeof createFormUploads>;
