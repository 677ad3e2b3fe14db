// People at work: each lists projects, opens one, adds a page, waits for its text as a browser does, reviews it and
// searches, with pauses in between. A process of its own, so that it does not take the web's time.
import { setTimeout as delay } from 'node:timers/promises';

export interface Crowd {
  url: string;
  /** Cookies and CSRF tokens; people share them. */
  sessions: { cookie: string; csrfToken: string }[];
  people: number;
  seconds: number;
  /** The mean pause between two steps. */
  pauseMs: number;
  image: string;
}

export interface CrowdResult {
  pages: number;
  failures: number;
  requestMs: number[];
  readyMs: number[];
}

process.once('message', async (crowd: Crowd) => {
  const result: CrowdResult = { pages: 0, failures: 0, requestMs: [], readyMs: [] };
  const endsAt = performance.now() + crowd.seconds * 1000;
  const image = Buffer.from(crowd.image, 'base64');
  await Promise.all(
    Array.from({ length: crowd.people }, (_, at) => live(crowd, at, { endsAt, image, result })),
  );
  process.send?.(result, () => process.exit(0));
});

async function live(
  { url, sessions, pauseMs }: Crowd,
  at: number,
  { endsAt, image, result }: { endsAt: number; image: Buffer; result: CrowdResult },
) {
  const { cookie, csrfToken } = sessions[at % sessions.length] as Crowd['sessions'][number];
  const headers = { cookie, 'x-csrf-token': csrfToken };
  const isOver = () => performance.now() > endsAt;
  const pause = () => delay(-Math.log(1 - Math.random()) * pauseMs);

  async function ask(path: string, init: RequestInit = {}) {
    const startedAt = performance.now();
    const response = await fetch(url + path, { ...init, headers: { ...headers, ...init.headers } });
    const body = await response.text();
    result.requestMs.push(performance.now() - startedAt);
    if (!response.ok) throw new Error(`${path}: ${response.status}`);
    return body;
  }

  await pause();
  const made = await ask('/api/v1/projects', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ name: `Person ${at}` }),
  });
  const project = `/projects/${(JSON.parse(made) as { id: string }).id}`;
  while (!isOver()) {
    try {
      await ask('/');
      await pause();
      await ask(project);
      const form = new FormData();
      form.append('files', new Blob([new Uint8Array(image)], { type: 'image/jpeg' }), 'scan.jpg');
      const uploadedAt = performance.now();
      const { items } = JSON.parse(await ask(`/api/v1${project}/pages`, { method: 'POST', body: form })) as {
        items: { id: string }[];
      };
      const page = `${project}/pages/${items[0]?.id}`;
      for (;;) {
        await delay(2000);
        await ask(`${project}/status`);
        const { status } = JSON.parse(await ask(`/api/v1${page}`)) as { status: string };
        if (status === 'ready') break;
        if (status === 'failed') throw new Error('The page failed');
        if (isOver()) return;
      }
      result.readyMs.push(performance.now() - uploadedAt);
      result.pages += 1;
      await pause();
      await ask(page);
      await pause();
      await ask('/search?q=total&part=list');
    } catch {
      result.failures += 1;
    }
    await pause();
  }
}
