// Measures a sign-in beyond node-saml's own validation, and whether refused sign-ins slow it down.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { SAML, ValidateInResponseTo } from '@node-saml/node-saml';
import request from 'supertest';
import { answerOfProvider } from '../test/support/paperlift.ts';
import { createRow, median, type Row } from './row.ts';
import type { RunningStack } from './running-stack.ts';

const signIns = 60;
const warmUps = 60;
const refusals = 2000;
/** Clock ticks a second in /proc (USER_HZ), the same on every Linux. */
const ticks = 100;

interface Prepared {
  agent: ReturnType<typeof request.agent>;
  form: Record<string, string>;
}

/** For a stack without a limit on sign-ins. Linux only, since it reads another process's processor time. */
export async function measureSignIn({
  stack,
  dataDirectory,
}: {
  stack: RunningStack;
  dataDirectory: string;
}) {
  await timeSignIns(await prepare(stack.url, warmUps));
  const prepared = await prepare(stack.url, signIns);
  const before = await readProcessorTime(stack.webPid);
  const times = await timeSignIns(prepared);
  const after = await readProcessorTime(stack.webPid);
  const library = await measureLibrary(stack.url, dataDirectory, prepared);
  const rows: Row[] = [];
  if (before !== undefined && after !== undefined) {
    const whole = (after - before) / signIns;
    rows.push(
      createRow({
        id: 'sign-in-cpu',
        what: 'Sign-in beyond node-saml’s validation',
        value: whole - library,
        unit: 'ms CPU',
        beside: { what: 'node-saml alone', value: library, unit: 'ms CPU' },
        target: { of: 'value', atMost: 25 },
        note: `${signIns} sign-ins, from the posted response to the redirect, ${whole.toFixed(1)} ms together`,
      }),
    );
  }
  await refuse(stack.url);
  const later = await timeSignIns(await prepare(stack.url, signIns));
  rows.push(
    createRow({
      id: 'sign-in-after-refusals',
      what: `Sign-in after ${refusals} refused ones in a row`,
      value: median(later),
      unit: 'ms',
      beside: { what: 'before them', value: median(times), unit: 'ms' },
      target: { of: 'ratio', atMost: 1.25 },
      note: `median of ${signIns}; the refused ones were altered, so that their signatures are verified`,
    }),
  );
  return rows;
}

async function prepare(url: string, count: number): Promise<Prepared[]> {
  const prepared: Prepared[] = [];
  for (let index = 0; index < count; index++) {
    const agent = request.agent(url);
    prepared.push({ agent, form: await answerOfProvider(agent, 'alice@example.com') });
  }
  return prepared;
}

/** Milliseconds from each posted response to its redirect. */
async function timeSignIns(prepared: Prepared[]): Promise<number[]> {
  const times: number[] = [];
  for (const { agent, form } of prepared) {
    const start = performance.now();
    const answer = await agent.post('/auth/saml/acs').type('form').send(form);
    times.push(performance.now() - start);
    if (answer.status !== 303) throw new Error(`A sign-in was answered ${answer.status}`);
  }
  return times;
}

async function refuse(url: string) {
  let forged: Prepared | undefined;
  for (let index = 0; index < refusals; index++) {
    forged = index % 100 === 0 ? await prepareForged(url) : (forged as Prepared);
    const answer = await forged.agent.post('/auth/saml/acs').type('form').send(forged.form);
    if (answer.status !== 403) throw new Error(`A forged response was answered ${answer.status}`);
  }
}

/** A response to a pending request, altered after it was signed. */
async function prepareForged(url: string): Promise<Prepared> {
  const [{ agent, form }] = (await prepare(url, 1)) as [Prepared];
  const xml = Buffer.from(form.SAMLResponse as string, 'base64').toString();
  const SAMLResponse = Buffer.from(xml.replaceAll('Alice', 'Carol')).toString('base64');
  return { agent, form: { ...form, SAMLResponse } };
}

/** Milliseconds of processor time for each validation by node-saml, with the same options. */
async function measureLibrary(url: string, dataDirectory: string, prepared: Prepared[]): Promise<number> {
  const saml = new SAML({
    callbackUrl: `${url}/auth/saml/acs`,
    issuer: `${url}/auth/saml/metadata`,
    audience: `${url}/auth/saml/metadata`,
    idpCert: await readFile(join(dataDirectory, 'identity-provider', 'certificate.pem'), 'utf8'),
    wantAssertionsSigned: true,
    wantAuthnResponseSigned: true,
    validateInResponseTo: ValidateInResponseTo.never,
    acceptedClockSkewMs: 30_000,
  });
  const validateAll = async () => {
    for (const { form } of prepared) {
      await saml.validatePostResponseAsync({ SAMLResponse: form.SAMLResponse as string });
    }
  };
  await validateAll();
  const start = process.cpuUsage();
  await validateAll();
  const { user, system } = process.cpuUsage(start);
  return (user + system) / 1000 / prepared.length;
}

/** Milliseconds that a process has used (proc_pid_stat(5), fields 14 and 15). */
async function readProcessorTime(pid: number): Promise<number | undefined> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => undefined);
  const fields = stat?.slice(stat.lastIndexOf(')') + 2).split(' ');
  return fields && ((Number(fields[11]) + Number(fields[12])) * 1000) / ticks;
}
