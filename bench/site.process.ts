// The web alone in a process, which reports how long its event loop was blocked.
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { createApp } from '../src/app.ts';
import { compose } from '../src/compose.ts';
import { loadConfig } from '../src/config/config.ts';

/** Milliseconds. */
export interface EventLoopDelay {
  p99: number;
  longest: number;
}

const server = createServer(createApp(compose(loadConfig(process.env))));
server.listen(0, '127.0.0.1');
await once(server, 'listening');
process.send?.(`http://localhost:${(server.address() as AddressInfo).port}`);

let delays = monitorEventLoopDelay({ resolution: 2 });
process.on('message', (what) => {
  if (what === 'begin') {
    delays = monitorEventLoopDelay({ resolution: 2 });
    delays.enable();
    return;
  }
  delays.disable();
  process.send?.({ p99: delays.percentile(99) / 1e6, longest: delays.max / 1e6 } satisfies EventLoopDelay);
});
