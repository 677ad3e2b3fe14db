// The image's health check: asks what runs in this container whether it is well. Exit code 0 says yes.
//   node health.mjs          finds out by itself whether that is the web process or the worker
//   node health.mjs worker   asks that one
//   node health.mjs <url>    wants an answer 2xx from there
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { pathToFileURL } from 'node:url';

/** All polls are over within this time: the longest job, and some. */
const heartbeatSeconds = 180;

/**
 * Throws an Error that says what is wrong.
 *
 * @param {{ what: string | undefined, env: Record<string, string | undefined>, now: number }} options
 */
export async function checkHealth({ what, env, now }) {
  if (what === 'web') {
    const host = ['', '0.0.0.0', '::'].includes(env.HOST ?? '') ? '127.0.0.1' : String(env.HOST);
    return askFor(`http://${host.includes(':') ? `[${host}]` : host}:${env.PORT || 3000}/health/live`);
  }
  if (what === 'worker') return checkHeartbeat(env.WORKER_HEARTBEAT_FILE, now);
  if (what?.startsWith('http')) return askFor(what);
  throw new Error('neither the web process nor the worker runs here');
}

/** @param {string} url */
async function askFor(url) {
  const response = await fetch(url, { signal: AbortSignal.timeout(4000), redirect: 'manual' });
  if (!response.ok) throw new Error(`${url} answers ${response.status}`);
}

/** @param {string | undefined} file @param {number} now */
function checkHeartbeat(file, now) {
  if (!file) throw new Error('WORKER_HEARTBEAT_FILE names no file');
  const age = Math.round((now - statSync(file).mtimeMs) / 1000);
  if (age > heartbeatSeconds) throw new Error(`the worker last came round ${age} s ago`);
}

/** Which of the words runs in this container, by the programs of its processes. */
function findWord() {
  const programs = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map((pid) => {
      try {
        return readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0')[1] ?? '';
      } catch {
        return ''; // it has ended
      }
    });
  if (programs.some((program) => program.endsWith('/dist/server.mjs'))) return 'web';
  if (programs.some((program) => program.endsWith('/dist/worker.mjs'))) return 'worker';
  return undefined;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  try {
    await checkHealth({
      what: process.argv[2] ?? findWord(),
      // biome-ignore lint/style/noProcessEnv: the check is a program of its own, beside those that read src/config/config.ts
      env: process.env,
      now: Date.now(),
    });
  } catch (error) {
    process.stderr.write(`${error.cause?.message ?? error.message}\n`);
    process.exitCode = 1;
  }
}
