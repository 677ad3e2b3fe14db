// Sends files straight to S3, each by an address that Paperlift signs for it alone: where a body would be too large for
// the server. The pages keep the order of the files, however long each takes.
const filesAtOnce = 3;
const waitsMs = [1000, 3000];

/**
 * Resolves to the files that were refused, each with the sentence that says why. `onProgress` is told the bytes sent so
 * far. Rejects when `signal` aborts, and when nobody is signed in any more.
 */
export async function uploadDirectly({ files, uploadsUrl, csrfToken, onProgress, signal }) {
  const sent = files.map(() => 0);
  const refusals = [];
  let next = 0;
  let begun = Promise.resolve();

  async function sendNext() {
    while (next < files.length) {
      const index = next++;
      const file = files[index];
      begun = begun.then(() => begin(file));
      const beginning = begun;
      begun = begun.catch(() => {}); // the next file's turn comes all the same
      try {
        const upload = await beginning;
        await put(file, upload, (bytes) => {
          sent[index] = bytes;
          onProgress(sent.reduce((sum, each) => sum + each, 0));
        });
        await ask(`${uploadsUrl}/${upload.id}/complete`, {});
      } catch (error) {
        if (signal.aborted || error.isFinal) throw error;
        refusals[index] = { fileName: file.name, message: error.message };
      }
    }
  }

  const begin = (file) => ask(uploadsUrl, { fileName: file.name, contentType: file.type, size: file.size });

  /** Asks Paperlift, and asks again when the connection or the server fails for a moment. */
  const ask = (url, body) =>
    withRetries(async () => {
      const answer = await fetch(url, {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'x-csrf-token': csrfToken },
        body: JSON.stringify(body),
        signal,
      });
      if (answer.ok) return answer.json();
      throw await refusalOf(answer);
    });

  const put = (file, { url, headers }, onBytes) =>
    withRetries(
      () =>
        new Promise((resolve, reject) => {
          const request = new XMLHttpRequest();
          const stop = () => request.abort();
          signal.addEventListener('abort', stop);
          request.open('PUT', url);
          for (const [name, value] of Object.entries(headers)) request.setRequestHeader(name, value);
          request.upload.addEventListener('progress', (event) => onBytes(event.loaded));
          request.addEventListener('load', () => {
            if (request.status < 300) return resolve();
            reject(Object.assign(new Error(notSent), { mayPass: request.status >= 500 }));
          });
          request.addEventListener('error', () =>
            reject(Object.assign(new Error(notSent), { mayPass: true })),
          );
          request.addEventListener('abort', () => reject(signal.reason));
          request.addEventListener('loadend', () => signal.removeEventListener('abort', stop));
          request.send(file);
        }),
    );

  async function withRetries(attempt) {
    for (const wait of waitsMs) {
      try {
        return await attempt();
      } catch (error) {
        const broke = error instanceof TypeError; // how fetch says that the connection failed
        if (signal.aborted || !(broke || error.mayPass)) throw error;
        await new Promise((resolve) => setTimeout(resolve, wait));
      }
    }
    try {
      return await attempt();
    } catch (error) {
      throw error instanceof TypeError ? new Error(notSent) : error;
    }
  }

  await Promise.all(Array.from({ length: Math.min(filesAtOnce, files.length) }, sendNext));
  return refusals.filter(Boolean);
}

const notSent = 'It could not be sent: the connection broke. Add it again.';

async function refusalOf(answer) {
  const problem = await answer.json().catch(() => ({}));
  const [refusal] = problem.refusals ?? [];
  const message = refusal?.message ?? problem.detail ?? `It was refused (${answer.status}).`;
  return Object.assign(new Error(message), {
    isFinal: answer.status === 401,
    mayPass: answer.status >= 500 || problem.code === 'upload-being-completed',
  });
}
