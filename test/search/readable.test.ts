// What engines propose to whom, before the service compares it with the policies: each of the two has to hold alone.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { createEmbeddedEngine } from '../../src/search/embedded.engine.ts';
import { projectsNamed, searchBody } from '../../src/search/opensearch/search-request.ts';
import { type Readable, readableBy, readableByOverseer } from '../../src/search/readable.ts';
import { readQuery } from '../../src/search/words.ts';
import { buildPerson } from '../support/session-of.ts';

const acme = { organisationId: 'acme' };
const ann = buildPerson('Ann', { ...acme, teams: [{ id: 't-finance', name: 'Finance' }] });
const texts = [
  { projectId: 'own', ownerId: ann.id, ...acme },
  { projectId: 'team', ownerId: 't-finance', ...acme },
  { projectId: 'shared', ownerId: 'ben', ...acme },
  { projectId: 'not-shared', ownerId: 'ben', ...acme },
  { projectId: 'unknown', ownerId: 'tom', ...acme },
  { projectId: 'abroad', ownerId: 'fay', organisationId: 'abroad' },
];
const query = readQuery('word');

const mine = readableBy(ann, [
  { projectId: 'shared', ownerId: 'ben' },
  { projectId: 'own', ownerId: ann.id },
]);
const expected: [string, Readable, string[]][] = [
  ['what they and their teams own and what is shared with them', mine, ['own', 'team', 'shared']],
  ['what they and their teams own, where nothing is shared', readableBy(ann, []), ['own', 'team']],
  [
    'everything of their organisation, to those who may list it all',
    readableByOverseer(ann),
    ['own', 'team', 'shared', 'not-shared', 'unknown'],
  ],
];

describe('the embedded engine proposes', () => {
  const index = {
    look: async (organisationId: string, ownerId: string | undefined) => ({
      found: texts.filter((text) =>
        ownerId === undefined ? text.organisationId === organisationId : text.ownerId === ownerId,
      ),
      isCut: false,
    }),
  };
  for (const [what, readable, projectIds] of expected)
    test(what, async () => {
      const proposal = await createEmbeddedEngine({ index }).propose(readable, query);
      const found = (await proposal.next(100)).map((candidate) => candidate.what.projectId);
      assert.deepEqual(found.toSorted(), projectIds.toSorted());
    });

  test('each text once and reads each owner once, also where someone shares with a team of their own', async () => {
    const looked: (string | undefined)[] = [];
    const counting = {
      look: (organisationId: string, ownerId: string | undefined) => {
        looked.push(ownerId);
        return index.look(organisationId, ownerId);
      },
    };
    await createEmbeddedEngine({ index: counting }).propose(mine, query);
    assert.deepEqual(looked, [ann.id, 't-finance', 'ben']);
  });
});

type Clause = Record<string, Record<string, unknown>>;

/** Whether a text passes a filter of a request, as OpenSearch takes `term`, `terms` and `bool`. */
function passes(text: Record<string, string>, clause: Clause): boolean {
  const { term, terms, bool = {} } = clause;
  if (term) return Object.entries(term).every(([field, value]) => text[field] === value);
  if (terms)
    return Object.entries(terms).every(([field, any]) => (any as string[]).includes(text[field] ?? ''));
  assert.deepEqual(Object.keys(bool), ['should', 'minimum_should_match']);
  assert.equal(bool.minimum_should_match, 1);
  return (bool.should as Clause[]).some((each) => passes(text, each));
}

describe('a request to OpenSearch lets pass', () => {
  // of another organisation, by ids that could be the same there
  const alike = [
    { projectId: 'own', ownerId: ann.id, organisationId: 'abroad' },
    { projectId: 'team', ownerId: 't-finance', organisationId: 'abroad' },
  ];
  for (const [what, readable, projectIds] of expected)
    test(what, () => {
      const requests = {
        texts: searchBody(readable, query, undefined),
        'texts of projects that are named': searchBody(
          readable,
          query,
          [...texts, ...alike].map((text) => text.projectId),
        ),
        'projects that are named': projectsNamed(readable, []),
      };
      for (const [name, request] of Object.entries(requests)) {
        const { filter } = (request as { bool: { filter: Clause[] } }).bool;
        const asked = filter.filter((clause) => clause.term?.isPage === undefined);
        const found = [...texts, ...alike].filter((text) => asked.every((clause) => passes(text, clause)));
        assert.deepEqual(
          found.map((text) => `${text.organisationId} ${text.projectId}`),
          projectIds.map((id) => `acme ${id}`),
          name,
        );
      }
    });
});
