// Streams the files of a multipart form to the upload service while they arrive. A rejected file does not affect the
// others. A broken form, or a sender that disconnects, leaves nothing behind.
import { finished } from 'node:stream';
import type { Request, RequestHandler } from 'express';
import type { Options, StorageEngine } from 'multer';
import { isPaperliftError, PaperliftError } from '../errors.ts';
import { cleanFileName, readFileName } from '../files/file-name.ts';
import { assertNotForged } from '../http/csrf.ts';
import { keepContext } from '../runtime/trace.ts';
import type { Destination, FileReceiver, StoredFile } from './file-receiver.ts';
import { endsForm, toRefusal } from './upload-refusals.ts';
import type { Refusal } from './upload-refused.error.ts';

/** What happened to the form's files. */
export interface ReceivedFiles {
  stored: StoredFile[];
  refusals: Refusal[];
}

interface Dependencies {
  files: FileReceiver;
  limits: { maxFileBytes: number; maxDocumentBytes: number; maxFiles: number };
}

type ReceivedFile = Express.Multer.File & { stored?: StoredFile; refusal?: Refusal };

export function createMultipartReceiver({ files: receiver, limits }: Dependencies) {
  function storageFor(
    destination: Destination,
    sender: AbortSignal,
    tooSlow: AbortController,
  ): StorageEngine {
    return {
      // the form's events come from the connection, which knows nothing of the request's span
      _handleFile: keepContext((_request, file, done) => {
        const fileName = cleanFileName(file.originalname);
        const store = async () => {
          readFileName(file.originalname);
          const { mimetype: declaredType, stream: body } = file;
          return receiver.store(destination, { fileName, declaredType, body }, sender);
        };
        store()
          .then((stored) => done(null, { stored } as Partial<ReceivedFile>))
          .catch((error) => {
            if (endsForm(error)) tooSlow.abort(error);
            if (tooSlow.signal.aborted || !isPaperliftError(error) || error.kind === 'unavailable')
              return done(error);
            const refusal = toRefusal(fileName, error);
            finished(file.stream.resume(), () => done(null, { refusal } as Partial<ReceivedFile>));
          });
      }) as StorageEngine['_handleFile'],
      _removeFile(_request, file, done) {
        const { stored } = file as ReceivedFile;
        receiver.discard(stored ? [stored] : []).then(() => done(null), done);
      },
    };
  }

  /** Reads the form's parts named `field` into `destination`. Callers check the person's permission first. */
  async function receive(
    request: Request,
    field: string,
    destination: Destination,
    maxFiles = limits.maxFiles,
  ): Promise<ReceivedFiles> {
    const sender = new AbortController();
    const tooSlow = new AbortController();
    const leave = () => {
      if (!request.complete) sender.abort(new Error('The client disconnected'));
    };
    request.on('close', leave);
    const { default: multer } = await import('multer'); // by the first form only
    const form = multer({
      storage: storageFor(destination, sender.signal, tooSlow),
      fileFilter(_request, _file, accept) {
        try {
          assertNotForged(request); // the token's field comes before the files
          accept(null, true);
        } catch (error) {
          accept(error as Error);
        }
      },
      limits: {
        // a file slightly over the limit is rejected alone; one far over it ends the form
        fileSize: Math.max(limits.maxFileBytes, limits.maxDocumentBytes) * 2,
        files: maxFiles,
        fields: 4,
        parts: maxFiles + 4,
        fieldNameSize: 100,
        fieldSize: 4096,
        headerPairs: 20,
        fieldNestingDepth: 0,
        fieldArrayIndexLimit: 0,
      } as Options['limits'],
      defParamCharset: 'utf8',
    } as Options).array(field);
    try {
      sender.signal.throwIfAborted();
      await run(form, request, tooSlow.signal);
    } finally {
      request.off('close', leave);
    }
    const files = (request.files ?? []) as ReceivedFile[];
    const stored = files.flatMap((file) => file.stored ?? []);
    try {
      assertNotForged(request); // again: a second token field could follow the files
      if (files.length === 0) throw noFile();
    } catch (error) {
      await receiver.discard(stored).catch(() => {}); // the form's error is the one to report
      throw error;
    }
    return { stored, refusals: files.flatMap((file) => file.refusal ?? []) };
  }

  return { receive };
}

export type MultipartReceiver = ReturnType<typeof createMultipartReceiver>;

/**
 * Runs multer. When `tooSlow` aborts because the sender is too slow, rejects at once instead of waiting for the rest of
 * the form.
 */
function run(handler: RequestHandler, request: Request, tooSlow: AbortSignal): Promise<void> {
  if (!request.is('multipart/form-data')) throw noFile();
  return new Promise((resolve, reject) => {
    handler(request, request.res as never, (error?: unknown) => (error ? reject(error) : resolve()));
    tooSlow.addEventListener('abort', () => {
      request.res?.setHeader('Connection', 'close');
      reject(tooSlow.reason);
    });
  });
}

function noFile() {
  return new PaperliftError('invalid', {
    code: 'no-file',
    message: 'No file was selected.',
    hint: 'Select one or more photos or scans, then upload them.',
  });
}
