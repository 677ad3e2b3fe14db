import assert from 'node:assert/strict';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { PdfRenderError } from '../../../src/exports/pdf/pdf-render.error.ts';
import { buildSearchablePdfHtml } from '../../../src/exports/pdf/searchable-pdf.html.ts';
import { buildTextPdfHtml } from '../../../src/exports/pdf/text-pdf.html.ts';
import { processesOf } from './browser-processes.ts';
import { readTexts } from './pdf-reading.ts';
import { readWithPdfJs } from './readers/pdfjs.reader.ts';
import { withoutSpace } from './readers/read-pdf.ts';
import { startRendering } from './rendering.ts';
import { buildPage } from './synthetic-pages.ts';

let rendering: Awaited<ReturnType<typeof startRendering>>;
const limits = { imageBytes: 200_000, htmlCharacters: 500_000, pages: 20 };
let internal: Server;
let inside: string;
let secretFile: string;
let connections = 0;
before(async () => {
  rendering = await startRendering({ limits });
  internal = createServer((_, response) => response.end('INTERNAL'));
  internal.on('connection', () => {
    connections += 1;
  });
  await new Promise<void>((resolve) => internal.listen(0, '127.0.0.1', resolve));
  inside = `127.0.0.1:${(internal.address() as AddressInfo).port}`;
  secretFile = join(rendering.directory, 'secret.html');
  await writeFile(secretFile, 'LOCALFILE');
});
after(async () => {
  internal.close();
  await rendering.stop();
});

const failing = (reason: string) => (error: unknown) =>
  error instanceof PdfRenderError && error.reason === reason;

const attacks: Record<string, (address: string) => string> = {
  image: (address) => `<img src="${address}">`,
  'meta refresh': (address) => `<meta http-equiv="refresh" content="0;url=${address}">`,
  iframe: (address) => `<iframe src="${address}" width="500" height="500"></iframe>`,
  'iframe with a document of its own': (address) =>
    `<iframe srcdoc="<iframe src='${address}'></iframe>"></iframe>`,
  'object and embed': (address) => `<object data="${address}"></object><embed src="${address}">`,
  'style sheet': (address) =>
    `<link rel="stylesheet" href="${address}"><style>@import url("${address}")</style>`,
  'CSS image and font': (address) =>
    `<style>@font-face{font-family:x;src:url("${address}")}p{background:url("${address}");font-family:x}</style><p>x</p>`,
  preload: (address) =>
    `<link rel="preload" as="image" href="${address}"><link rel="prefetch" href="${address}"><link rel="preconnect" href="${address}"><link rel="dns-prefetch" href="${address}">`,
  'SVG image': (address) =>
    `<svg><image href="${address}" width="9" height="9"/><use href="${address}#x"/></svg>`,
  'video and audio': (address) =>
    `<video src="${address}" poster="${address}" autoplay></video><audio src="${address}"></audio>`,
  base: (address) => `<base href="${address}"><img src="x.jpg">`,
  script: (address) =>
    `<script>fetch("${address}"); location = "${address}"; document.body.append("SCRIPTED")</script>`,
  'script of another origin': (address) => `<script src="${address}"></script>`,
  'event handler': (address) =>
    `<img src="data:," onerror="location='${address}';document.body.append('SCRIPTED')">`,
  WebSocket: (address) => `<script>new WebSocket("${address.replace(/^http/, 'ws')}")</script>`,
  'frame that refreshes itself': (address) =>
    `<iframe src="data:text/html,<meta http-equiv=refresh content='0;url=${address}'>"></iframe>`,
};

for (const [name, attack] of Object.entries(attacks)) {
  test(`a document that nobody escaped reaches nothing: ${name}`, async () => {
    connections = 0;
    const addresses = [
      `http://${inside}/`,
      `http://localhost:${inside.split(':')[1]}/`,
      `file://${secretFile}`,
    ];
    const html = `<!doctype html><p>Before</p>${addresses.map(attack).join('')}<p>After</p>`;
    const text = await rendering.render({ html }).then(
      async (pdf) => (await readTexts(pdf.path)).join(''),
      (error) => {
        // Refusing the whole document because of an image that it may not have is as good.
        assert.ok(failing('bad-image')(error), String(error));
        return 'Before';
      },
    );
    assert.match(text, /Before/);
    assert.doesNotMatch(text, /INTERNAL|LOCALFILE|SCRIPTED/);
    assert.equal(connections, 0);
  });
}

test('markup in a title and in detected text is text, in both kinds of PDF', async () => {
  connections = 0;
  const attack = Object.values(attacks)
    .map((write) => write(`http://${inside}/`))
    .join(' ');
  const texts = [`"><script>${attack}`, `</title></b></p>${attack}`];
  const page = await buildPage({ width: 3000, height: 3000, texts });
  const document = { title: texts[1] ?? '', language: 'en', pages: [page] };
  const searchable = await rendering.render({
    html: buildSearchablePdfHtml(document),
    images: [async () => page.jpeg],
    expectedPages: 1,
  });
  // words of lines of two thousand characters lie over each other; pdf.js keeps them in the file's order
  const { pages } = await readWithPdfJs(searchable.path);
  assert.equal(withoutSpace(pages[0]?.text ?? ''), withoutSpace(texts.join('')));
  const text = await rendering.render({ html: buildTextPdfHtml(document) });
  assert.match((await readTexts(text.path)).join(''), /<script>fetch/);
  assert.equal(connections, 0);
});

test('the browser gets neither credentials nor anything else of our environment', async () => {
  process.env.AWS_SECRET_ACCESS_KEY = 'very secret';
  try {
    await rendering.stop();
    rendering = await startRendering({ limits });
    await rendering.render({ html: '<!doctype html><p>x' });
    const pids = await processesOf(rendering.supervisor.state().pid ?? 0);
    assert.ok(pids.length > 0);
    for (const pid of pids) {
      // A process that has ended meanwhile has no environment.
      const environment = await readFile(`/proc/${pid}/environ`, 'latin1').catch(() => '');
      assert.doesNotMatch(environment, /AWS_|very secret/);
    }
    const commandLine = await readFile(`/proc/${rendering.supervisor.state().pid}/cmdline`, 'latin1');
    assert.match(commandLine, /--proxy-server=http:\/\/127\.0\.0\.1:9\0--proxy-bypass-list=<-loopback>/);
    assert.doesNotMatch(
      commandLine,
      /disable-web-security|allow-running-insecure-content|disable-site-isolation-trials|single-process/,
    );
  } finally {
    delete process.env.AWS_SECRET_ACCESS_KEY;
  }
});

const oneImage = '<!doctype html><img src="https://paperlift.invalid/images/0">';

test('an image that is no JPEG, or only begins like one, makes no PDF', async () => {
  const svg = Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"/>');
  await assert.rejects(rendering.render({ html: oneImage, images: [async () => svg] }), failing('bad-image'));
  const broken = Buffer.from([0xff, 0xd8, 0xff, 0xe0, 1, 2, 3]);
  await assert.rejects(
    rendering.render({ html: oneImage, images: [async () => broken] }),
    failing('bad-image'),
  );
});

test('text, images and pages beyond the limits make no PDF', async () => {
  const large = Buffer.alloc(200_001, 0xff);
  await assert.rejects(
    rendering.render({ html: oneImage, images: [async () => large] }),
    failing('too-large'),
  );
  await assert.rejects(rendering.render({ html: 'x'.repeat(500_001) }), failing('too-large'));
  const tooMany = `<!doctype html>${'<p style="break-after:page">x</p>'.repeat(21)}`;
  await assert.rejects(rendering.render({ html: tooMany }), failing('too-large'));
});

test('a PDF of more bytes than allowed is given up', async () => {
  const small = await startRendering({ limits: { pdfBytes: 1000 } });
  await assert.rejects(small.render({ html: '<!doctype html><p>x' }), failing('too-large'));
  await small.stop();
});

test('a PDF that lacks a page is not handed out, and its file is removed', async () => {
  const files = await readdir(rendering.directory);
  await assert.rejects(
    rendering.render({ html: '<!doctype html><p>x', expectedPages: 2 }),
    failing('page-count'),
  );
  assert.deepEqual(await readdir(rendering.directory), files);
});
