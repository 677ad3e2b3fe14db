// Starts three nodes of OpenSearch on this machine and runs what needs them: the contract of both engines, the comparison
// with the embedded index (`--skip-bench` leaves it out), and a node that is killed. Needs Java and Maven.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { parseArgs } from 'node:util';
import { startSearchNodes } from './search/nodes.ts';
import { openSearchVersion } from './search/open-search.ts';

const { values } = parseArgs({ options: { 'skip-bench': { type: 'boolean', default: false } } });

report(`Starting three nodes of OpenSearch ${openSearchVersion}`);
const cluster = await startSearchNodes(3);
const env = { ...process.env, OPENSEARCH_TEST_URL: cluster.urls };
const failed: string[] = [];
try {
  await run('The contract of both engines', env, ['test/run.ts', 'test/search']);
  if (!values['skip-bench']) await run('The comparison', env, ['bench/main.ts', 'engines']);
  await run('A node that is killed', { ...env, OPENSEARCH_TEST_PID: String(cluster.nodes[2]?.pid()) }, [
    'test/run.ts',
    'test/search/opensearch-nodes.test.ts',
  ]);
} finally {
  await cluster.stop();
}
report(failed.length > 0 ? `Failed: ${failed.join(', ')}` : 'All passed');
process.exitCode = failed.length > 0 ? 1 : 0;

async function run(what: string, env: NodeJS.ProcessEnv, args: string[]) {
  report(what);
  const child = spawn(process.execPath, args, { stdio: 'inherit', env });
  const [code] = await once(child, 'exit');
  if (code !== 0) failed.push(what);
}

function report(what: string) {
  process.stderr.write(`${what} …\n`);
}
