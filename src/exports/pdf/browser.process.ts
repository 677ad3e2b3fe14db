// One Chromium process: started with every restriction that its command line offers, and ended with all its children.
import { type ChildProcess, execFile } from 'node:child_process';
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Browser } from 'puppeteer-core';
import type { ChromiumProgram } from './packaged-chromium.ts';

export interface BrowserProcess {
  browser: Browser;
  /** The process group's id, which is the id of its first process. */
  pid: number;
  /** Closes the browser, or kills its process group when that takes too long; then removes its profile. */
  stop(graceMs: number): Promise<void>;
}

const profilePrefix = 'paperlift-browser-';

/**
 * No request may leave the machine or reach into it: all requests, including those to loopback, go to a proxy that
 * does not exist (`<-loopback>` removes the exception for loopback), and no name resolves.
 * The flags that packaged Chromiums add (disable-web-security, allow-running-insecure-content,
 * disable-site-isolation-trials, single-process) are left out: measured, they let a document embed local files and
 * internal pages.
 */
const defences = [
  '--proxy-server=http://127.0.0.1:9',
  '--proxy-bypass-list=<-loopback>',
  '--host-resolver-rules=MAP * ~NOTFOUND',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-domain-reliability',
  '--disable-extensions',
  '--disable-sync',
  '--no-pings',
  '--disable-features=MediaRouter,OptimizationHints,Translate,DialMediaRouteProvider',
];

const headlessness = [
  '--headless',
  '--remote-debugging-pipe',
  '--disable-gpu',
  '--disable-dev-shm-usage',
  '--disable-breakpad',
  '--disable-crash-reporter',
  '--disable-default-apps',
  '--no-first-run',
  '--no-default-browser-check',
  '--hide-scrollbars',
  '--mute-audio',
  '--metrics-recording-only',
  '--font-render-hinting=none',
  '--password-store=basic',
  '--use-mock-keychain',
  'about:blank',
];

/**
 * Starts a browser with a fresh profile; aborting the signal kills it. It has a sandbox where the platform allows one:
 * not as root, and not in most containers.
 */
export async function startBrowser(
  program: ChromiumProgram,
  options: { signal: AbortSignal; sandbox: boolean },
): Promise<BrowserProcess> {
  const { default: puppeteer } = await import('puppeteer-core');
  const profile = await mkdtemp(join(tmpdir(), `${profilePrefix}${process.pid}-`));
  const stopWatching = watchPipes(program.path);
  try {
    const browser = await puppeteer.launch({
      executablePath: program.path,
      ignoreDefaultArgs: true,
      args: [
        `--user-data-dir=${profile}`,
        ...(options.sandbox ? [] : ['--no-sandbox']),
        ...defences,
        ...headlessness,
      ],
      // nothing is inherited, least of all credentials
      env: {
        PATH: '/usr/bin:/bin',
        HOME: profile,
        TMPDIR: profile,
        LANG: 'C.UTF-8',
        TZ: 'UTC',
        ...program.env,
      },
      pipe: true,
      signal: options.signal,
      timeout: 0,
      protocolTimeout: 0,
      handleSIGINT: false,
      handleSIGTERM: false,
      handleSIGHUP: false,
      defaultViewport: null,
    });
    const pid = browser.process()?.pid;
    if (!pid) throw new Error('the browser has no process');
    return { browser, pid, stop: (graceMs) => stopBrowser({ browser, pid, profile, graceMs }) };
  } catch (error) {
    await removeProfile(profile);
    throw error;
  } finally {
    stopWatching();
  }
}

/**
 * Handles errors on the pipes of a browser, from its start on. Puppeteer removes its listeners when a browser ends; a
 * pipe that is reset after that (ECONNRESET) would end this process. A failed launch does not return the browser's
 * process, which Node announces on a channel: https://nodejs.org/api/diagnostics_channel.html#child-process
 */
function watchPipes(programPath: string): () => void {
  const onChild = (message: unknown) => {
    const child = (message as { process: ChildProcess }).process;
    child.once('spawn', () => {
      if (child.spawnfile !== programPath) return;
      // Puppeteer reads what the browser says through readline, which throws a stream's error where nobody listens.
      for (const output of [child.stdout, child.stderr]) output?.removeAllListeners('error');
      for (const pipe of child.stdio) pipe?.on('error', () => {});
    });
  };
  subscribe('child_process', onChild);
  return () => unsubscribe('child_process', onChild);
}

/** Without the means for a sandbox, with means that the kernel refuses, and as root. */
const sandboxComplaints =
  /no usable sandbox|--no-sandbox|move to new namespace|suid sandbox|credentials\.cc/i;

/**
 * Whether the reason why a browser did not start is that the platform lets it have no sandbox: most containers. Puppeteer's
 * error does not tell, because the pipe to the browser closes before its words arrive; so it is asked once more.
 */
export async function lacksSandbox(program: ChromiumProgram): Promise<boolean> {
  const profile = await mkdtemp(join(tmpdir(), `${profilePrefix}${process.pid}-`));
  const said = await new Promise<string>((resolve) => {
    execFile(
      program.path,
      [`--user-data-dir=${profile}`, '--headless', '--disable-gpu', '--dump-dom', 'about:blank'],
      { env: { PATH: '/usr/bin:/bin', HOME: profile, ...program.env }, timeout: 5000, killSignal: 'SIGKILL' },
      (error, _html, words) => resolve(error ? words : ''),
    );
  });
  await removeProfile(profile);
  return sandboxComplaints.test(said);
}

async function stopBrowser(options: { browser: Browser; pid: number; profile: string; graceMs: number }) {
  const { browser, pid, profile, graceMs } = options;
  if (graceMs > 0 && browser.connected) {
    await Promise.race([browser.close().catch(() => {}), delay(graceMs, undefined, { ref: false })]);
  }
  await killGroup(pid);
  await removeProfile(profile);
}

/**
 * Resolves when the process group has ended, after half a second at most: a process that is stuck in the kernel or
 * waits to be reaped ends later.
 */
async function killGroup(pid: number): Promise<void> {
  const until = performance.now() + 500;
  while (performance.now() < until) {
    try {
      process.kill(-pid, 'SIGKILL');
    } catch {
      return;
    }
    await delay(5);
  }
}

async function removeProfile(profile: string): Promise<void> {
  await rm(profile, { recursive: true, force: true, maxRetries: 5, retryDelay: 50 });
}

/** Removes the profiles of killed programs. (A browser ends when its pipe closes.) */
export async function removeAbandonedProfiles(): Promise<void> {
  for (const name of await readdir(tmpdir())) {
    const owner = name.startsWith(profilePrefix)
      ? Number.parseInt(name.slice(profilePrefix.length), 10)
      : NaN;
    if (!Number.isNaN(owner) && !isRunning(owner)) await removeProfile(join(tmpdir(), name)).catch(() => {});
  }
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
