import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readCommands } from '../../scripts/onprem/documented-commands.ts';
import { presentFindings } from '../../scripts/onprem/findings.ts';

test('the documentation has the commands that the on-prem check runs, without their indentation', () => {
  const installing = readCommands('From an empty server to the first page').join('\n');
  assert.match(installing, /^alias paperlift-compose=.* -f \/opt\/paperlift\/docker-compose\.onprem\.yml'$/m);
  assert.match(installing, /^paperlift-compose up --build --detach$/m);
  assert.match(readCommands('Backing up').join('\n'), /^paperlift-compose stop proxy web worker keycloak$/m);
  assert.match(readCommands('Restoring').join('\n'), /audit verify <a project's id>$/m);
  assert.throws(() => readCommands('Nowhere'), /no commands below "Nowhere"/);
});

test('what was found is a table by engine', () => {
  const engines = [
    { service: 's3', engine: 'SeaweedFS', version: '4.53' },
    { service: 'web', engine: 'Paperlift', version: 'product' },
  ];
  const table = presentFindings([{ service: 's3', tried: 'a restart', found: 'works' }], engines);
  assert.equal(table.split('\n').at(-1), '| SeaweedFS | 4.53 | a restart | works |');
  assert.equal(table.split('\n').length, 3);
});
