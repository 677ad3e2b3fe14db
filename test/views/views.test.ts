// Every template with hostile and with missing content: what people typed stays text, and nothing is left unsaid.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import express from 'express';
import { presentExports } from '../../src/exports/export.presenter.ts';
import type { Export } from '../../src/exports/export.ts';
import { createAssets } from '../../src/http/assets.ts';
import { siteLocals, useViews } from '../../src/http/views.ts';
import { presentImports } from '../../src/imports/import.presenter.ts';
import { presentPagesFragment } from '../../src/pages/page.presenter.ts';
import type { Page } from '../../src/pages/page.ts';
import { presentProjectPage } from '../../src/projects/project.presenter.ts';
import { presentProjectList } from '../../src/projects/project-list.presenter.ts';
import { presentReview, type ReviewInput } from '../../src/review/review.presenter.ts';
import { applyCorrections } from '../../src/text/corrections.ts';

const root = join(import.meta.dirname, '../..');
const app = express();
useViews(app, join(root, 'views'));
const assets = createAssets(join(root, 'public'));
Object.assign(app.locals, siteLocals({ assets, supportContact: 'help@example.com' }));

const hostile = `"><script>alert('x')</script>`;
const now = new Date('2026-11-21T10:00:00.000Z');
const languages = { defaults: [], isReadByTextract: true };
const at = '2026-11-21T09:00:00.000Z';
const project = {
  id: 'P1',
  name: hostile,
  organisationId: 'default',
  ownerId: 'p-1',
  ownerName: hostile,
  createdAt: at,
};
const overview = {
  project,
  pageCount: 3,
  failedCount: 1,
  underWayCount: 1,
  doubtfulCount: 1,
  reviewedCount: 1,
  changedAt: at,
};
const failure = { code: 'x', message: hostile };
const ready: Page = {
  id: 'A',
  projectId: 'P1',
  position: 1,
  status: 'ready',
  revision: 1,
  fileName: hostile,
  originalKey: 'o',
  contentType: 'image/jpeg',
  sizeBytes: 1,
  sha256: 's',
  rotation: 0,
  width: 10,
  height: 10,
  imageKey: 'i',
  thumbnailKey: 't',
  createdAt: at,
  updatedAt: at,
};
const bare: Page = {
  ...ready,
  id: 'B',
  status: 'uploaded',
  imageKey: undefined,
  thumbnailKey: undefined,
  width: undefined,
};
const failed: Page = { ...ready, id: 'C', status: 'failed', failure };
const exported: Export = {
  id: 'E1',
  projectId: 'P1',
  format: 'txt',
  status: 'failed',
  fingerprint: 'then',
  failure,
  requestedBy: 'p-1',
  createdAt: at,
  updatedAt: at,
};
const corner = { x: 0, y: 0 };
const word = {
  text: hostile,
  confidence: 10,
  polygon: [corner, corner, corner, corner] as [typeof corner, typeof corner, typeof corner, typeof corner],
};
const detection = { lines: [{ ...word, id: 'l1', words: [word] }] };

function showProject(mayChange: boolean, pages: Page[], asked: object = {}) {
  const counts = { ...overview, pageCount: pages.length };
  const limits = { maxFileBytes: 1, maxDocumentBytes: 1, maxFiles: 1 };
  return {
    project: presentProjectPage({
      ...counts,
      relation: 'viewer',
      personId: 'p-9',
      isOwn: false,
      mayManage: mayChange,
      mayChange,
      now,
      limits,
      languages,
      ...asked,
    }),
    pages: presentPagesFragment({
      project,
      pages: pages.map((page) => ({ ...page, preview: hostile })),
      mayChange,
    }),
    imports: presentImports({ project, imports: [], mayChange }),
    exports: presentExports({ project, exports: [exported], fingerprint: 'now', mayExport: mayChange, now }),
    files: { all: 'image/jpeg,application/pdf', images: 'image/jpeg' },
  };
}

function showReview(page: Page, detected = detection.lines, asked: Partial<ReviewInput> = {}) {
  const lines = applyCorrections({ lines: detected }, page.corrections);
  return presentReview({
    project,
    page,
    pages: [{ id: page.id }],
    lines,
    mayChange: true,
    mayEdit: true,
    personId: 'p',
    now,
    ...asked,
  });
}

const form = { name: hostile, error: hostile };
const list = { scope: 'all', mayCreate: true, mayListAll: true, now, languages } as const;
const oops = { status: 500, heading: hostile, what: hostile, code: 'x', requestId: 'r', home: true };
const cases: [string, string, object][] = [
  ['the projects', 'projects/list', presentProjectList({ ...list, projects: [overview], cursor: 'c', form })],
  [
    'projects that were looked for',
    'projects/list',
    presentProjectList({
      ...list,
      projects: [overview],
      search: `${hostile} x`,
      order: 'name',
      isFirst: false,
    }),
  ],
  [
    'no project that was looked for',
    'projects/list',
    presentProjectList({ ...list, projects: [], search: hostile }),
  ],
  ['no projects', 'projects/list', presentProjectList({ ...list, projects: [], scope: 'own' })],
  [
    'no projects for a reader',
    'projects/list',
    presentProjectList({ ...list, projects: [], mayCreate: false }),
  ],
  [
    'a project',
    'projects/show',
    showProject(true, [ready, bare, failed], {
      form,
      notice: hostile,
      refusals: [{ fileName: hostile, message: hostile }],
    }),
  ],
  [
    'a project with deleted pages, and many that failed',
    'projects/show',
    {
      ...showProject(true, Array(9).fill(failed)),
      pages: presentPagesFragment({
        project,
        pages: Array(9).fill(failed),
        mayChange: true,
        now,
        deleted: [1, 2, 3, 4].map((number) => ({
          ...ready,
          id: `D${number}`,
          deletedAt: now.toISOString(),
          deletionId: `L${number}`,
          deletedNumber: number,
          deletedBy: hostile,
        })),
      }),
    },
  ],
  [
    'the replacement of a page',
    'pages/replace',
    {
      project: { name: hostile, url: '/p' },
      page: { id: 'A', number: 1, url: '/p/a' },
      accept: 'image/jpeg',
      typeNames: 'JPEG',
      refusal: hostile,
    },
  ],
  ['a project to read only', 'projects/show', showProject(false, [ready, failed])],
  ['an empty project', 'projects/show', showProject(true, [])],
  ['what changes while a project is worked on', 'projects/status', showProject(true, [ready, bare, failed])],
  ['a page', 'pages/review', showReview(ready)],
  ['a corrected page', 'pages/review', showReview({ ...ready, corrections: { l1: `${hostile} x` } })],
  ['a line being corrected', 'pages/review', showReview(ready, detection.lines, { editing: 'l1' })],
  [
    'a line in conflict',
    'pages/review',
    showReview(ready, detection.lines, { conflicts: [{ id: 'l1', text: hostile, wanted: hostile }] }),
  ],
  ['a reviewed page', 'pages/review', showReview({ ...ready, reviewedAt: at, reviewedBy: hostile })],
  ['a page without text', 'pages/review', showReview(ready, [])],
  ['a page being read', 'pages/review', showReview(bare)],
  ['a failed page', 'pages/review', showReview(failed)],
  ['an error', 'errors/error', { ...oops, why: hostile, hint: hostile }],
  ['an error of which little is known', 'errors/error', oops],
  ['no access', 'auth/no-access', { email: hostile, name: hostile, groups: [hostile], requestId: 'r' }],
  ['no access and no groups', 'auth/no-access', { email: hostile, groups: [] }],
  ['signed out', 'auth/signed-out', {}],
  ['a refused sign-in', 'auth/refused', { requestId: 'r' }],
  ['administration', 'admin', { facts: [{ label: hostile, value: hostile }] }],
];

function render(view: string, model: object, person?: object): Promise<string> {
  const locals = { csrfToken: 'the-token', nonce: 'the-nonce', person, ...model };
  return new Promise((resolve, reject) => {
    app.render(view, locals, (error, html) => (error ? reject(error) : resolve(html)));
  });
}

const person = {
  name: hostile,
  email: hostile,
  id: hostile,
  initials: '"<',
  mayListAll: true,
  isAdmin: true,
  roles: hostile,
};

describe('whatever people typed stays text, under a strict content security policy', () => {
  for (const [name, view, model] of cases) {
    test(`${name}, signed in and signed out`, async () => {
      for (const html of [await render(view, model, person), await render(view, model)]) {
        assert.ok(
          !html.includes(`<script>`) && !html.includes(`"><`.concat('script')),
          'a script came through',
        );
        assert.doesNotMatch(html, /undefined|\[object/);
        assert.doesNotMatch(html, /\sstyle=|\son\w+=|<style|javascript:|hx-on|\sjs:/i);
        assert.doesNotMatch(html, /(?:src|href|action)="(?:https?:)?\/\//);
        for (const [script] of html.matchAll(/<script[^>]*>/g))
          assert.match(script, /(?:src="[^"]+"|type="importmap") nonce="the-nonce"/);
      }
    });
  }
});

test('each form that changes something carries the token before anything else', async () => {
  for (const [name, view, model] of cases) {
    const html = await render(view, model, person);
    for (const [, first] of html.matchAll(/<form[^>]*method="post"[^>]*>\s*(<[^>]*>)/g)) {
      assert.equal(first, '<input type="hidden" name="_csrf" value="the-token">', name);
    }
  }
});

test('a person who may only read gets nothing that changes the project', async () => {
  const html = await render('projects/show', showProject(false, [ready, failed]));
  assert.doesNotMatch(html, /<form|type="file"|dropzone/);
});

test('a project is asked about again only while something is under way', async () => {
  assert.match(
    await render('projects/status', showProject(true, [ready, bare])),
    /hx-get="\/projects\/P1\/status"/,
  );
  assert.doesNotMatch(await render('projects/status', showProject(true, [ready, failed])), /hx-get/);
  assert.match(await render('pages/review', showReview(bare)), /hx-trigger="every/);
  assert.doesNotMatch(await render('pages/review', showReview(ready)), /hx-get/);
});

test('a script or style that is not there, or a value that is missing, fails the page', async () => {
  assert.throws(() => assets.url('nothing.css'), /Asset not found: nothing.css/);
  await assert.rejects(render('errors/error', { ...oops, heading: undefined }), /A view is missing a value/);
});

/** WCAG 2.2, relative luminance and contrast ratio. */
function contrast(one: string, other: string): number {
  const luminance = (hex: string) => {
    const [r = 0, g = 0, b = 0] = [1, 3, 5].map((start) => {
      const channel = Number.parseInt(hex.slice(start, start + 2), 16) / 255;
      return channel <= 0.04045 ? channel / 12.92 : ((channel + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const [light = 0, dark = 0] = [luminance(one), luminance(other)].sort((a, b) => b - a);
  return (light + 0.05) / (dark + 0.05);
}

test('text can be read on its ground, by day and by night', () => {
  const css = readFileSync(join(root, 'public/styles/tokens.css'), 'utf8').replaceAll('#fff;', '#ffffff;');
  const [day, night] = [...css.matchAll(/:root \{([^}]*)\}/g)].map(
    ([, block = '']) =>
      new Map([...block.matchAll(/--([\w-]+): (#\w{6});/g)].map(([, name, value]) => [name, value])),
  );
  const pairs = [
    ['ink', 'paper'],
    ['ink', 'card'],
    ['ink', 'accent-soft'],
    ['ink', 'doubt-soft'],
    ['soft', 'paper'],
    ['soft', 'card'],
    ['accent', 'paper'],
    ['accent', 'card'],
    ['accent', 'accent-soft'],
    ['on-accent', 'accent'],
    ['on-accent', 'accent-strong'],
    ['doubt', 'card'],
    ['doubt', 'doubt-soft'],
    ['failed', 'card'],
    ['failed', 'failed-soft'],
    ['on-desk', 'desk'],
  ];
  for (const colours of [day, night]) {
    for (const [text = '', ground = ''] of pairs) {
      const ratio = contrast(colours?.get(text) ?? '', colours?.get(ground) ?? '');
      assert.ok(ratio >= 4.5, `${text} on ${ground}: ${ratio.toFixed(2)}`);
    }
  }
});
