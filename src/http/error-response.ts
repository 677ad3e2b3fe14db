// Maps errors to responses: problem+json (RFC 9457) for programs, a page for people.
import type { ErrorRequestHandler, Request, RequestHandler, Router } from 'express';
import type { MulterError } from 'multer';
import { ZodError } from 'zod';
import { isStorageFull } from '../aws/outages.ts';
import { type ErrorKind, isPaperliftError, PaperliftError, storageFull } from '../errors.ts';
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
  invalid: 'Check what you entered',
  'not-signed-in': 'Sign in to continue',
  forbidden: 'You don’t have permission',
  'not-found': 'Not found',
  'method-unknown': 'Method not allowed',
  conflict: 'Can’t do this right now',
  'too-large': 'Too large',
  unsupported: 'Unsupported file type',
  'too-many': 'Too many requests',
  unavailable: 'Paperlift is temporarily unavailable',
};

/**
 * Answers unmatched requests: 405 with `Allow` where a route handles another method at this path, else 404. Searches
 * the whole app; routers that are loaded on use are not visible there and pass themselves.
 */
export function refuseUnknownPath(own?: Router): RequestHandler {
  return (request, response) => {
    const allowed = own
      ? allowedMethods(own, request.path)
      : allowedMethods(request.app.router, request.baseUrl + request.path);
    const hint = isForPrograms(request)
      ? 'See /api/v1/openapi.json.'
      : 'Check the address, or go back to your projects.';
    if (allowed.length > 0 && !allowed.includes(request.method)) {
      response.setHeader('Allow', allowed.join(', '));
      throw new PaperliftError('method-unknown', {
        code: 'method-not-allowed',
        message: `This address does not support ${request.method}, only ${allowed.join(', ')}.`,
        hint,
      });
    }
    throw new PaperliftError('not-found', {
      code: 'path-not-found',
      message: isForPrograms(request)
        ? `${request.method} ${request.path} does not exist.`
        : 'This page doesn’t exist.',
      hint,
    });
  };
}

export const answerErrors: ErrorRequestHandler = (thrown, request, response, _next) => {
  const error = explainError(thrown);
  const status = isPaperliftError(error) ? statusOf(error) : 500;
  const log = request.log;
  if (status >= 500) log?.error({ err: thrown }, 'request failed');
  else log?.info({ err: { message: messageOf(thrown), cause: causeOf(thrown) }, status }, 'request refused');
  if (response.headersSent || request.socket?.destroyed) {
    response.destroy(); // too late for a response; Express would print a stack instead of logging it
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
        detail: isPaperliftError(error) ? error.sentence : `${unforeseen.message} ${unforeseen.hint}`,
        code: said.code,
        requestId: request.id,
        ...(isPaperliftError(error) ? error.details : {}),
      }),
    );
    return;
  }
  const model = {
    status,
    heading: isPaperliftError(error) ? headings[error.kind] : 'Something went wrong',
    what: said.message,
    hint: said.hint ?? '',
    code: said.code,
    requestId: request.id,
    home: Boolean(request.person),
    ...(status === 401 && said.code === 'not-signed-in' ? { signInUrl: signInUrl(request) } : {}),
  };
  response.render('errors/error', model, (failure: Error | null, html?: string) => {
    if (!failure) return response.send(html);
    log?.error({ err: failure }, 'could not render the error page');
    response.type('text/plain').send(`${model.what} ${model.hint}\n${model.requestId}\n`);
  });
};

/** The sign-in's URL, which leads back to the page of the form. */
function signInUrl(request: Request): string {
  const page = URL.parse(request.get('referer') ?? '');
  const isOwn = page && page.host === request.get('host');
  return `/auth/login?returnTo=${encodeURIComponent(isOwn ? page.pathname + page.search : '/')}`;
}

const unforeseen = {
  code: 'unexpected',
  message: 'Something went wrong in Paperlift. Your saved work is safe.',
  hint: 'Try again. If it happens again, contact your IT service desk and quote the request number.',
};

/** The HTTP status of an error's kind. */
export function statusOf({ kind }: PaperliftError): number {
  return statuses[kind];
}

/** Translates errors of the libraries that read requests; returns any other error unchanged. */
export function explainError(thrown: unknown): unknown {
  if (!isPaperliftError(thrown) && isStorageFull(thrown)) return storageFull(thrown);
  if (thrown instanceof ZodError) {
    const [issue] = thrown.issues;
    const where = issue?.path.join('.');
    return new PaperliftError('invalid', {
      code: 'input-invalid',
      message:
        where && !/[.?!]$/.test(issue?.message ?? '')
          ? `${where}: ${issue?.message}.`
          : (issue?.message ?? 'The request is invalid.'),
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
      message: 'The request body can’t be read.',
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
      message: 'The form is incomplete or damaged.',
      hint: 'Send it again.',
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
        ? 'A file is too large. Nothing was uploaded.'
        : thrown.code === 'LIMIT_FILE_COUNT'
          ? 'Too many files at once. Nothing was uploaded.'
          : 'The form has unexpected parts.',
    hint: isTooLarge ? 'Upload fewer or smaller files.' : 'Send files in parts named "files".',
    cause: thrown,
  });
}

function isForPrograms(request: Request): boolean {
  return /^\/api\//i.test(request.originalUrl) || request.signedInBy === 'token';
}

/** The body parser's messages quote the body, so only the type is logged. */
function messageOf(thrown: unknown): string {
  const { type, message } = thrown as { type?: unknown; message: string };
  return typeof type === 'string' ? type : message;
}

function causeOf(thrown: unknown): string | undefined {
  const { cause } = thrown as Error;
  return cause instanceof Error ? cause.message : undefined;
}
