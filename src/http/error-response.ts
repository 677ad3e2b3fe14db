// Maps errors to responses: problem+json (RFC 9457) for programs, a page for people.
import type { ErrorRequestHandler, Request } from 'express';
import { ZodError } from 'zod';
import { isStorageFull } from '../aws/outages.ts';
import { type ErrorKind, isPaperliftError, PaperliftError, storageFull } from '../errors.ts';
import { explainMulter, isMulterError } from './multipart.errors.ts';

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

export function isForPrograms(request: Request): boolean {
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
