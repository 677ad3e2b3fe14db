// A proxy between the SDK and a stand-in that injects faults: it holds calls (so that a process can be killed between
// two of them), answers in the service's place, cuts connections, or is slow.
import { createServer, request as forward, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { setTimeout as delay } from 'node:timers/promises';

export interface Call {
  method: string;
  path: string;
  /** The AWS operation for JSON protocols, `GET /key` and so on for S3. */
  operation: string;
  body: Buffer;
  /** The service's status; missing before its answer, or when it was not asked. */
  status?: number;
}

/** The fault of one call. `pass` lets it through. */
export type Fault =
  | { kind: 'pass' }
  | { kind: 'answer'; status: number; body: string; type?: string }
  /** The connection is cut before anything reaches the service. */
  | { kind: 'reset' }
  /** The service does what it was asked, and its answer is lost. */
  | { kind: 'lose-answer' }
  /** Only the first part of the answer's body comes, then the connection is cut, or nothing more comes. */
  | { kind: 'half-body'; rest: 'cut' | 'silence' }
  | { kind: 'silence' }
  | { kind: 'slow'; ms: number };

type Rule = (call: Call) => Fault | undefined | Promise<Fault | undefined>;

/** Starts a proxy to `target` on the loopback address. Rules apply in order; the first match counts. */
export async function startFaultProxy(target: string) {
  const rules = new Set<Rule>();
  const calls: Call[] = [];
  const { hostname, port } = new URL(target);
  const server = createServer((incoming, outgoing) => {
    incoming.on('error', () => {});
    outgoing.on('error', () => {});
    answer(incoming, outgoing).catch(() => incoming.socket.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));

  async function answer(incoming: IncomingMessage, outgoing: ServerResponse) {
    const body = await buffer(incoming);
    const { method = '', url = '' } = incoming;
    const amzTarget = incoming.headers['x-amz-target'];
    const operation =
      typeof amzTarget === 'string' ? (amzTarget.split('.').at(-1) ?? '') : `${method} ${url.split('?')[0]}`;
    const call: Call = { method, path: url, operation, body };
    calls.push(call);
    const fault = await faultOf(call);
    if (fault.kind === 'reset') return void incoming.socket.destroy();
    if (fault.kind === 'silence') return;
    if (fault.kind === 'slow') await delay(fault.ms);
    if (fault.kind === 'answer') {
      outgoing.writeHead(fault.status, { 'content-type': fault.type ?? 'application/x-amz-json-1.0' });
      return void outgoing.end(fault.body);
    }
    const { status, headers, payload } = await (operation === 'ReceiveMessage'
      ? pollFor(incoming, outgoing, body)
      : ask(incoming, outgoing, body));
    call.status = status;
    if (fault.kind === 'lose-answer') return void incoming.socket.destroy();
    outgoing.writeHead(status, headers);
    if (fault.kind !== 'half-body') return void outgoing.end(payload);
    outgoing.write(payload.subarray(0, Math.floor(payload.length / 2)), () => {
      if (fault.rest === 'cut') incoming.socket.destroy();
    });
  }

  async function faultOf(call: Call): Promise<Fault> {
    for (const rule of rules) {
      const fault = await rule(call);
      if (fault) return fault;
    }
    return { kind: 'pass' };
  }

  /**
   * The SQS stand-in continues a long poll whose caller has left, and gives it a message. Here it is polled
   * repeatedly, and never for a caller who has left.
   */
  async function pollFor(incoming: IncomingMessage, outgoing: ServerResponse, body: Buffer) {
    const { WaitTimeSeconds = 0, ...input } = JSON.parse(body.toString());
    const until = performance.now() + WaitTimeSeconds * 1000;
    const now = Buffer.from(JSON.stringify({ ...input, WaitTimeSeconds: 0 }));
    for (;;) {
      const answered = await ask(incoming, outgoing, now);
      const isOver = performance.now() > until || outgoing.destroyed;
      if (isOver || answered.status !== 200 || answered.payload.includes('ReceiptHandle')) return answered;
      await delay(100);
    }
  }

  async function ask(incoming: IncomingMessage, outgoing: ServerResponse, body: Buffer) {
    const answered = await new Promise<IncomingMessage>((resolve, reject) => {
      const { method, url } = incoming;
      const headers = { ...incoming.headers, 'content-length': String(body.length) };
      delete headers['transfer-encoding'];
      const asking = forward({ hostname, port, method, path: url, headers }, resolve).on('error', reject);
      const hangUp = () => asking.destroy(); // when the caller disconnects, disconnect from the service
      outgoing.once('close', hangUp);
      asking.once('close', () => outgoing.off('close', hangUp));
      asking.end(body);
    });
    const payload = await buffer(answered);
    const headers = { ...answered.headers, 'content-length': String(payload.length) };
    delete (headers as Record<string, unknown>)['transfer-encoding'];
    return { status: answered.statusCode ?? 502, headers, payload };
  }

  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    calls,
    count: (operation: string | RegExp) => calls.filter((call) => matches(call, operation)).length,

    /** Adds a rule. Returns a function that removes it. */
    when(operation: string | RegExp, fault: Fault | ((call: Call) => ReturnType<Rule>)) {
      const rule: Rule = (call) => {
        if (!matches(call, operation)) return undefined;
        return typeof fault === 'function' ? fault(call) : fault;
      };
      rules.add(rule);
      return () => rules.delete(rule);
    },

    /** The same for the next `count` calls only. */
    next(operation: string | RegExp, fault: Fault, times = 1) {
      let left = times;
      const rule: Rule = (call) => {
        if (left === 0 || !matches(call, operation)) return undefined;
        left -= 1;
        return fault;
      };
      rules.add(rule);
    },

    /** Holds the next such call. `reached` resolves when it arrives; `release` decides its fate. */
    hold(operation: string | RegExp, isMeant: (call: Call) => boolean = () => true) {
      const { promise: reached, resolve: reach } = Promise.withResolvers<Call>();
      const { promise: decided, resolve: release } = Promise.withResolvers<Fault>();
      let isTaken = false;
      const rule: Rule = (call) => {
        if (isTaken || !matches(call, operation) || !isMeant(call)) return undefined;
        isTaken = true;
        reach(call);
        return decided;
      };
      rules.add(rule);
      return { reached, release: (fault: Fault = { kind: 'pass' }) => release(fault) };
    },

    clear() {
      rules.clear();
      calls.length = 0;
    },

    async stop() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

export type FaultProxy = Awaited<ReturnType<typeof startFaultProxy>>;

function matches(call: Call, operation: string | RegExp): boolean {
  return typeof operation === 'string' ? call.operation === operation : operation.test(call.operation);
}

/** AWS's JSON error. */
export function awsError(status: number, name: string): Fault {
  return { kind: 'answer', status, body: JSON.stringify({ __type: name, message: `${name} for the test` }) };
}
