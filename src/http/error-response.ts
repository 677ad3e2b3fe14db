// The one mapping from errors to answers: problem+json (RFC 9457) for programs, a page for people.
import type { ErrorRequestHandler, Request, RequestHandler, Router } from 'express';
import type { MulterError } from 'multer';
import { ZodError } from 'zod';
import { type ErrorKind, isPaperliftError, PaperliftError } from '../errors.ts';
import { allowedMethods } from './allowed-methods.ts';

const statuses: Record<ErrorKind, number> = {
  invalid: 400,
  'not-signed-in': 401,
  forbidden: 403,
  'not-found': 404,
  'method-unknown': 405,
  conflict: 409,
  'too-large': 413,
  unsupported: 415,
  'too-many': 429,
  unavailable: 503,
};

const headings: Record<ErrorKind, string> = {
  invalid: 'That did not work',
  'not-signed-in': 'Please sign in',
  forbidden: 'That is not allowed',
  'not-found': 'Not found',
  'method-unknown': 'That is not possible here',
  conflict: 'Not possible right now',
  'too-large': 'Too large',
  unsupported: 'This kind of file is not taken',
  'too-many': 'Too often',
  unavailable: 'Paperlift is not available right now',
};

/**
 * What no route answered: 405 with `Allow` where a route answers another method at this path, else 404. Routes are looked
 * up in the whole app, which does not see routers that are loaded on use: those name themselves.
 */
export function refuseUnknownPath(own?: Router): RequestHandler {
  return (request, response) => {
    const allowed = own
      ? allowedMethods(own, request.path)
      : allowedMethods(request.app.router, request.baseUrl + request.path);
    const todo = isForPrograms(request)
      ? 'See /api/v1/openapi.json.'
      : 'Check the address, or go back to your projects.';
    if (allowed.length > 0 && !allowed.includes(request.method)) {
      response.setHeader('Allow', allowed.join(', '));
      throw new PaperliftError('method-unknown', {
        code: 'method-not-allowed',
        message: `This address does not support ${request.method}, only ${allowed.join(', ')}.`,
        todo,
      });
    }
    throw new PaperliftError('not-found', {
      code: 'path-not-found',
      message: isForPrograms(request)
        ? `There is no ${request.method} ${request.path}.`
        : 'There is no page at this address.',
      todo,
    });
  };
}

export const answerErrors: ErrorRequestHandler = (thrown, request, response, _next) => {
  const error = explain(thrown);
  const status = isPaperliftError(error) ? statuses[error.kind] : 500;
  const log = request.log;
  if (status >= 500) log?.error({ err: thrown }, 'the request failed');
  else
    log?.info(
      { err: { message: messageOf(thrown), cause: causeOf(thrown) }, status },
      'the request was refused',
    );
  if (response.headersSent || request.socket?.destroyed) {
    response.destroy(); // nobody can be told any more; Express would write a stack past the log
    return;
  }
  const said = isPaperliftError(error) ? error : unforeseen;
  response.status(status).setHeader('Cache-Control', 'no-store');
  const retryAfter = isPaperliftError(error) ? error.retryAfterSeconds : undefined;
  if (retryAfter || status === 503) response.setHeader('Retry-After', String(retryAfter ?? 10));
  if (status === 401 && isForPrograms(request)) response.setHeader('WWW-Authenticate', 'Bearer');
  if (isForPrograms(request)) {
    response.type('application/problem+json').send(
      JSON.stringify({
        type: 'about:blank',
        title: isPaperliftError(error) ? headings[error.kind] : 'Unexpected error',
        status,
        detail: [said.message, said.todo].filter(Boolean).join(' '),
        code: said.code,
        requestId: request.id,
        ...(refusalsOf(error) ? { refusals: refusalsOf(error) } : {}),
        ...(conflictsOf(error) ? { conflicts: conflictsOf(error) } : {}),
      }),
    );
    return;
  }
  const model = {
    status,
    heading: isPaperliftError(error) ? headings[error.kind] : 'Something went wrong',
    what: said.message,
    todo: said.todo ?? '',
    code: said.code,
    requestId: request.id,
    home: Boolean(request.person),
  };
  response.render('errors/error', model, (failure: Error | null, html?: string) => {
    if (!failure) return response.send(html);
    log?.error({ err: failure }, 'the error page could not be rendered');
    response.type('text/plain').send(`${model.what} ${model.todo}\n${model.requestId}\n`);
  });
};

const unforeseen = {
  code: 'unexpected',
  message: 'Something went wrong on our side. Nothing that you had stored is lost.',
  todo: 'Try again. If it happens once more, give your IT service desk the request number.',
};

/** Errors of the libraries that read requests, told in our words. */
function explain(thrown: unknown): unknown {
  if (thrown instanceof ZodError) {
    const [issue] = thrown.issues;
    const where = issue?.path.join('.');
    return new PaperliftError('invalid', {
      code: 'input-invalid',
      message:
        where && !/[.?!]$/.test(issue?.message ?? '')
          ? `${where}: ${issue?.message}.`
          : (issue?.message ?? 'The input is not valid.'),
      cause: thrown,
    });
  }
  if (isMulterError(thrown)) return explainMulter(thrown);
  const { type, status, message } = thrown as { type?: string; status?: number; message?: string };
  if (type === 'entity.too.large') {
    return new PaperliftError('too-large', {
      code: 'body-too-large',
      message: 'The request is too large.',
      cause: thrown,
    });
  }
  if (
    type?.startsWith('entity.') ||
    type?.startsWith('encoding.') ||
    type?.startsWith('charset.') ||
    type === 'request.aborted'
  ) {
    return new PaperliftError('invalid', {
      code: 'body-unreadable',
      message: 'The request’s body cannot be read.',
      cause: thrown,
    });
  }
  if (status === 400 || thrown instanceof URIError) {
    return new PaperliftError('invalid', {
      code: 'request-malformed',
      message: 'The request is malformed.',
      cause: thrown,
    });
  }
  if (
    typeof message === 'string' &&
    /^Multipart: |Unexpected end of form|Malformed part header|Request aborted/.test(message)
  ) {
    return new PaperliftError('invalid', {
      code: 'form-unreadable',
      message: 'The form is broken or ends too early.',
      todo: 'Send it again.',
      cause: thrown,
    });
  }
  return thrown;
}

/** By name, since multer is loaded for uploads only. */
function isMulterError(thrown: unknown): thrown is MulterError {
  return thrown instanceof Error && thrown.name === 'MulterError';
}

function explainMulter(thrown: MulterError): PaperliftError {
  const isTooLarge = thrown.code === 'LIMIT_FILE_SIZE' || thrown.code === 'LIMIT_FILE_COUNT';
  return new PaperliftError(isTooLarge ? 'too-large' : 'invalid', {
    code: `form-${thrown.code.toLowerCase().replaceAll('_', '-')}`,
    message:
      thrown.code === 'LIMIT_FILE_SIZE'
        ? 'A file is far too large; nothing of this upload was kept.'
        : thrown.code === 'LIMIT_FILE_COUNT'
          ? 'These are too many files at once; nothing of this upload was kept.'
          : 'The form has parts that do not belong there.',
    todo: isTooLarge ? 'Upload fewer or smaller files.' : 'Send files in parts named "files".',
    cause: thrown,
  });
}

function isForPrograms(request: Request): boolean {
  return /^\/api\//i.test(request.originalUrl) || request.signedInBy === 'token';
}

function refusalsOf(error: unknown): unknown {
  return (error as { refusals?: unknown }).refusals;
}

function conflictsOf(error: unknown): unknown {
  return (error as { conflicts?: unknown }).conflicts;
}

/** What the body parser says of a body quotes it, so its kind of error has to do. */
function messageOf(thrown: unknown): string {
  const { type, message } = thrown as { type?: unknown; message: string };
  return typeof type === 'string' ? type : message;
}

function causeOf(thrown: unknown): string | undefined {
  const { cause } = thrown as Error;
  return cause instanceof Error ? cause.message : undefined;
}
