// The phone's page and the few calls it may make. It has no session; only its cookie counts, and only here.
import express, { type Request, type RequestHandler, type Response, Router } from 'express';
import * as z from 'zod';
import { personOf } from '../http/request.ts';
import { toAllowanceAnswer } from '../pages/allowance.api.ts';
import type { ViewAllowance } from '../pages/allowance.ts';
import type { Accepted } from '../uploads/accepted.ts';
import type { FormUploads } from '../uploads/form-uploads.ts';
import type { PresignedUploadService } from '../uploads/presigned-upload.service.ts';
import { announcedUpload, toPresignedUploadAnswer } from '../uploads/upload.api.ts';
import {
  assertNotForgedByPhone,
  clearPhoneCookie,
  csrfTokenOf,
  givePhoneCookie,
  phoneSecretOf,
} from './phone.cookie.ts';
import type { PhoneService, SignedInPhone } from './phone.service.ts';

interface Dependencies {
  phones: PhoneService;
  formUploads: FormUploads;
  presignedUploads: PresignedUploadService;
  viewAllowance: ViewAllowance;
  /** Larger files are uploaded straight to S3. */
  directAboveBytes: number | undefined;
  secureCookies: boolean;
  rateLimits: { signIns: RequestHandler; uploads: RequestHandler };
  now: () => Date;
}

declare global {
  namespace Express {
    interface Request {
      phone?: SignedInPhone & { secret: string };
    }
  }
}

const signInBody = z.strictObject({ token: z.string().max(100) });

export function phoneRoutes(dependencies: Dependencies) {
  const { phones, formUploads, presignedUploads, secureCookies: secure, rateLimits } = dependencies;
  const router = Router();
  const json = express.json({ limit: '10kb', strict: true });

  const recognize: RequestHandler = async (request, _response, next) => {
    const secret = phoneSecretOf(request, secure);
    const phone = await phones.recognize(secret);
    if (request.method !== 'GET') assertNotForgedByPhone(request, secret);
    request.phone = { ...phone, secret };
    request.person = phone.person;
    next();
  };

  const present = async ({ project, person, endsAt }: SignedInPhone, secret: string) => ({
    projectName: project.name,
    personName: person.name,
    endsAt: new Date(endsAt).toISOString(),
    now: dependencies.now().toISOString(), // the clocks of phones differ
    csrfToken: csrfTokenOf(secret),
    allowance: toAllowanceAnswer(await dependencies.viewAllowance(person.id)),
    ...(dependencies.directAboveBytes === undefined
      ? {}
      : { directAboveBytes: dependencies.directAboveBytes }),
  });

  async function answerAccepted(request: Request, response: Response, { pages, imports }: Accepted) {
    const addedIds = [...pages, ...imports].map(({ id }) => id);
    const endsAt = await phones.prolong(phoneOf(request).secret, addedIds);
    response.status(201).json({ count: addedIds.length, endsAt: new Date(endsAt).toISOString() });
  }

  router.get('/phone', (_request, response) => response.render('capture/phone'));

  router.post('/api/phone/sign-in', rateLimits.signIns, json, async (request, response) => {
    const { secret, phone } = await phones.signIn(signInBody.parse(request.body).token);
    givePhoneCookie(response, secret, secure);
    response.json(await present(phone, secret));
  });

  router.get('/api/phone', recognize, async (request, response) => {
    const { secret, ...phone } = phoneOf(request);
    response.json(await present(phone, secret));
  });

  router.post('/api/phone/pages', recognize, rateLimits.uploads, async (request, response) => {
    const { project } = phoneOf(request);
    const { made } = await formUploads.addPagesOrRefuse(request, personOf(request), project.id, {
      maxFiles: 1,
    });
    await answerAccepted(request, response, made);
  });

  router.post('/api/phone/uploads', recognize, rateLimits.uploads, json, async (request, response) => {
    const { size, fileName, contentType } = announcedUpload.omit({ pageId: true }).parse(request.body);
    const projectId = phoneOf(request).project.id;
    const file = { fileName, contentType, sizeBytes: size };
    response
      .status(201)
      .json(toPresignedUploadAnswer(await presignedUploads.begin(personOf(request), projectId, file)));
  });

  router.post('/api/phone/uploads/:uploadId/complete', recognize, async (request, response) => {
    const accepted = await presignedUploads.complete(
      personOf(request),
      phoneOf(request).project.id,
      String(request.params.uploadId),
    );
    await answerAccepted(request, response, accepted);
  });

  router.post('/api/phone/sign-out', recognize, async (request, response) => {
    await phones.signOut(phoneOf(request).secret);
    clearPhoneCookie(response, secure);
    response.status(204).end();
  });

  return router;
}

function phoneOf(request: Request) {
  if (!request.phone) throw new TypeError('A route of phones is not guarded');
  return request.phone;
}
