import { runChecks } from '../parity/run-checks.ts';
import { answerOfKeycloak } from './keycloak.ts';
import type { Part } from './part.ts';

export const parityPart: Part = {
  name: 'parity: the end-to-end checks of test/parity',
  async run({ addresses, print }) {
    const results = await runChecks({
      base: addresses.paperlift,
      answerOfProvider: answerOfKeycloak,
      onResult({ name, ms, error }) {
        print(`    ${error ? 'FAILED' : 'ok'}  ${name} (${ms} ms)`);
        if (error) print(String(error.stack).replaceAll(/^/gm, '        '));
      },
    });
    const passed = results.filter(({ error }) => !error).length;
    if (passed < results.length)
      throw new Error(`${results.length - passed} of ${results.length} checks failed`);
    const found = `all ${passed} pass`;
    return ['proxy', 's3', 'database', 'queues', 'keycloak'].map((service) => ({
      service,
      tried: 'the end-to-end checks of test/parity',
      found,
    }));
  },
};
