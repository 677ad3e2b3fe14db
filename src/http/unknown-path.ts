import type { RequestHandler, Router } from 'express';
import { PaperliftError } from '../errors.ts';
import { allowedMethods } from './allowed-methods.ts';
import { isForPrograms } from './error-response.ts';

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
