import assert from 'node:assert/strict';
import { EventEmitter } from 'node:events';
import { test } from 'node:test';
import type { Page } from 'puppeteer-core';
import { documentPolicy } from '../../../src/exports/pdf/document-origin.ts';
import { serveDocument } from '../../../src/exports/pdf/document-server.ts';
import { until } from './browser-processes.ts';

const jpeg = Buffer.from([0xff, 0xd8, 0xff, 0xe0]);

/** What the server of a document with one image answers to a request, without a browser. */
async function serve() {
  const sent: { method: string; parameters: Record<string, unknown> }[] = [];
  const session = Object.assign(new EventEmitter(), {
    send: async (method: string, parameters: Record<string, unknown>) =>
      void sent.push({ method, parameters }),
  });
  const page = { createCDPSession: async () => session } as unknown as Page;
  await serveDocument({ page, html: '<p>', images: [async () => jpeg], limits: { imageBytes: 100 } });
  sent.length = 0;
  return async (url: string, resourceType: string, method = 'GET') => {
    sent.length = 0;
    session.emit('Fetch.requestPaused', { requestId: '1', resourceType, request: { url, method } });
    await until(() => sent.length > 0);
    return sent[0];
  };
}

test('the document and its images are answered under the policy, everything else is refused by interception alone', async () => {
  const ask = await serve();
  const document = await ask('https://paperlift.invalid/', 'Document');
  assert.equal(document?.method, 'Fetch.fulfillRequest');
  assert.ok(JSON.stringify(document?.parameters).includes(JSON.stringify(documentPolicy).slice(1, -1)));
  assert.equal((await ask('https://paperlift.invalid/images/0', 'Image'))?.method, 'Fetch.fulfillRequest');
  const refused: [string, string, string?][] = [
    ['https://paperlift.invalid/', 'Document'],
    ['https://paperlift.invalid/images/0', 'Document'],
    ['https://paperlift.invalid/images/0', 'Image', 'POST'],
    ['https://paperlift.invalid/images/1', 'Image'],
    ['https://paperlift.invalid/images/0?x', 'Image'],
    ['https://paperlift.invalid.example/images/0', 'Image'],
    ['http://paperlift.invalid/images/0', 'Image'],
    ['http://127.0.0.1/', 'Image'],
    ['http://169.254.169.254/latest/meta-data', 'Document'],
    ['file:///etc/passwd', 'Document'],
  ];
  for (const request of refused) {
    assert.equal((await ask(...request))?.method, 'Fetch.failRequest', request.join(' '));
  }
});
