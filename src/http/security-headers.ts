import { randomBytes } from 'node:crypto';
import type { RequestHandler } from 'express';
import helmet from 'helmet';
import type { Config } from '../config/config.ts';

interface Options {
  https: boolean;
  direct: Config['direct'];
}

/** Security headers for every response (OWASP ASVS 5.0, V3.4), with a fresh nonce for the page's scripts. */
export function securityHeaders({ https, direct }: Options): RequestHandler[] {
  // with direct transfers, scripts send files to S3, and images redirect there
  const filesFrom = direct.aboveBytes === undefined ? ["'self'"] : ["'self'", direct.bucketOrigin];
  const nonce: RequestHandler = (_request, response, next) => {
    response.locals.nonce = randomBytes(16).toString('base64url');
    next();
  };
  const headers = helmet({
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        defaultSrc: ["'none'"],
        scriptSrc: [
          (_request, response) =>
            `'nonce-${(response as unknown as { locals: { nonce: string } }).locals.nonce}'`,
        ],
        styleSrc: ["'self'"],
        imgSrc: [...filesFrom, 'blob:'], // a photo that was taken, before it is uploaded
        connectSrc: filesFrom,
        manifestSrc: ["'self'"],
        objectSrc: ["'none'"],
        baseUri: ["'none'"],
        formAction: ["'self'"],
        frameAncestors: ["'none'"],
      },
    },
    strictTransportSecurity: https ? { maxAge: 63_072_000, includeSubDomains: true } : false,
    referrerPolicy: { policy: 'same-origin' },
    crossOriginEmbedderPolicy: false,
    xFrameOptions: { action: 'deny' },
  });
  return [nonce, headers];
}

/** No cache stores personal data (V14.3.2). */
export const noStore: RequestHandler = (_request, response, next) => {
  response.setHeader('Cache-Control', 'no-store');
  next();
};
