// Sends files to a project, one request each: to Paperlift, or straight to S3 above a size. Shared by the project's page and
// the phone's camera page.
/** @import { AddOptions, Batch, FileChange, ListedFile, PresignedUpload, QueuedFile } from '../types.d.ts' */
import { checkPhoto } from '../capture/photo-check.js';

const retryDelaysMs = [1000, 3000];
const patientDelayMs = 3000;
/** Signed with a presigned address, but scripts may not set them (Fetch, 2.2.2). */
const ownedByBrowser = /^(host|content-length)$/i;
const connectionLost = 'Upload failed: connection lost.';

/**
 * Where files go: `pages` and `uploads` are addresses. Above `directAbove` bytes a file goes to S3; the server's clock is
 * `clockOffset` milliseconds ahead.
 * @typedef {{ pages: string, uploads: string, csrfToken: () => string, directAbove?: number, clockOffset?: number }} Target
 */
/**
 * @typedef {{
 *   target: Target,
 *   atOnce?: number,
 *   keepsTrying?: boolean,
 *   onChange: (what: FileChange, id: string) => void,
 *   onAnswer?: (answer: Answer) => void,
 * }} Options
 */
/**
 * The JSON of an answer, of which a refusal has the second half.
 * @typedef {{ endsAt?: string, refusals?: { message: string }[], code?: string, detail?: string }} Answer
 */

/** @param {{ status: string }} file */
export const isUnderWay = ({ status }) => status === 'waiting' || status === 'sending';

/**
 * With `keepsTrying` a lost connection never refuses a file. `onChange(what, id)` follows each change; `onAnswer` gets the
 * JSON of each accepted upload. `files` maps ids to files: a refused file stays until it is dismissed or accepted.
 * @param {Options} options
 */
export function createSender({ target, atOnce = 3, keepsTrying = false, onChange, onAnswer }) {
  /** @type {Map<string, ListedFile>} */
  const files = new Map();
  /** @type {Batch} */
  const batch = { number: 0, beganAt: 0 };
  let running = 0;
  /** @type {Promise<unknown>} */
  let beginnings = Promise.resolve();
  let checks = Promise.resolve();
  let lastBegunAt = 0;

  const isBusy = () => [...files.values()].some(isUnderWay);

  /** Accepted files are counted until the next batch. Hints and refusals stay. */
  function beginBatch() {
    if (isBusy()) return;
    Object.assign(batch, { number: batch.number + 1, beganAt: performance.now() });
    for (const [id, { status, hint }] of files) if (status === 'done' && !hint) files.delete(id);
  }

  /** Pages keep the order in which their files were added. */
  function makeBegunAt() {
    lastBegunAt = Math.max(lastBegunAt + 1, Date.now() + (target.clockOffset ?? 0));
    return new Date(lastBegunAt).toISOString();
  }

  /**
   * @param {Blob & { name?: string }} file
   * @param {AddOptions} [options]
   */
  function add(file, { name = nameOf(file), hint, isChecked = false } = {}) {
    beginBatch();
    const id = crypto.randomUUID();
    /** @type {QueuedFile} */
    const item = {
      id,
      file,
      name,
      size: file.size,
      sent: 0,
      status: 'waiting',
      batch: batch.number,
      hint,
      key: crypto.randomUUID(),
      begunAt: makeBegunAt(),
    };
    files.set(id, item);
    onChange('added', id);
    if (!isChecked) checks = checks.then(() => check(id, file)); // one by one: a decoded photo takes 50 MB
    pump();
    return id;
  }

  /**
   * @param {string} id
   * @param {Blob} file
   */
  async function check(id, file) {
    const hint = files.has(id) ? await checkPhoto(file) : undefined;
    const item = files.get(id);
    if (!hint || !item) return;
    item.hint = hint;
    onChange('hint', id);
  }

  function pump() {
    for (const item of files.values()) {
      if (running >= atOnce) return;
      if (isWaiting(item)) run(item);
    }
  }

  /** @param {QueuedFile} item */
  async function run(item) {
    running += 1;
    const controller = new AbortController();
    const { signal } = controller;
    Object.assign(item, { controller, status: 'sending', beganAt: performance.now() });
    try {
      const answer = await sendPersistently(item, signal);
      Object.assign(item, { status: 'done', sent: item.size, file: undefined });
      onAnswer?.(answer);
      onChange('done', item.id);
    } catch (error) {
      if (files.get(item.id) === item && !signal.aborted) {
        const { message: reason, mayRetry, isOffline, isSignedOut } = failureOf(error);
        Object.assign(item, { status: 'refused', reason, mayRetry, isOffline, isSignedOut });
        onChange('refused', item.id);
      }
    } finally {
      running -= 1;
      pump();
    }
  }

  /**
   * @param {QueuedFile} item
   * @param {AbortSignal} signal
   * @returns {Promise<Answer>}
   */
  async function sendPersistently(item, signal) {
    for (let attempt = 0; ; attempt += 1) {
      try {
        return await (goesDirect(item) ? sendDirect(item, signal) : sendForm(item, signal));
      } catch (error) {
        const delay = keepsTrying ? patientDelayMs : retryDelaysMs[attempt];
        const isHopeless =
          !failureOf(error).isTransient || delay === undefined || (!navigator.onLine && !keepsTrying);
        if (isHopeless || signal.aborted) throw error;
        item.isHeld = true;
        onChange('waiting', item.id);
        await pause(delay, signal);
        item.isHeld = false;
        item.sent = 0;
      }
    }
  }

  /** @param {QueuedFile} item */
  const goesDirect = ({ size }) => target.directAbove !== undefined && size > target.directAbove;

  /**
   * @param {QueuedFile} item
   * @param {number} sent
   */
  function showSent(item, sent) {
    item.sent = Math.min(sent, item.size); // a form is a little larger than its file
    onChange('progress', item.id);
  }

  /**
   * @param {QueuedFile} item
   * @param {AbortSignal} signal
   */
  async function sendForm(item, signal) {
    const body = new FormData();
    body.append('files', item.file, item.name);
    const headers = { ...ownHeaders(), 'upload-key': item.key, 'upload-begun-at': item.begunAt };
    const answer = await request({
      url: target.pages,
      headers,
      body,
      signal,
      onSent: (sent) => showSent(item, sent),
    });
    return accept(answer, item.file);
  }

  /**
   * A file that lies in S3 is not sent again: repeated completions find the same page.
   * @param {QueuedFile} item
   * @param {AbortSignal} signal
   */
  async function sendDirect(item, signal) {
    const upload = item.upload ?? (await beginInOrder(item, signal));
    item.upload = upload;
    const { id, url, method, headers } = upload;
    if (!upload.isSent) {
      const put = await request({
        method,
        url,
        headers,
        body: item.file,
        signal,
        onSent: (sent) => showSent(item, sent),
      });
      if (put.status >= 300 || put.status === 0) item.upload = undefined; // its address expires: begin anew
      if (put.status === 0) await accept(put, item.file);
      if (!item.upload)
        throw new UploadFailure('Upload failed: the storage didn’t accept the file.', {
          mayRetry: true,
          isTransient: true,
        });
      upload.isSent = true;
    }
    try {
      return await post(`${target.uploads}/${id}/complete`, {}, signal);
    } catch (error) {
      const { isTransient, isSignedOut } = failureOf(error);
      if (!isTransient && !isSignedOut) item.upload = undefined;
      throw error;
    }
  }

  /**
   * @param {QueuedFile} item
   * @param {AbortSignal} signal
   * @returns {Promise<PresignedUpload>}
   */
  function beginInOrder(item, signal) {
    const body = {
      fileName: item.name,
      contentType: item.file.type || 'application/octet-stream',
      size: item.size,
    };
    const beginning = beginnings.then(() => post(target.uploads, body, signal));
    beginnings = beginning.catch(() => {});
    return beginning;
  }

  /**
   * @param {string} url
   * @param {object} body
   * @param {AbortSignal} signal
   */
  async function post(url, body, signal) {
    const headers = { ...ownHeaders(), 'content-type': 'application/json' };
    return accept(await request({ url, headers, body: JSON.stringify(body), signal }));
  }

  const ownHeaders = () => ({ accept: 'application/json', 'x-csrf-token': target.csrfToken() });

  /** @param {string[]} ids */
  function retry(ids) {
    beginBatch();
    for (const id of ids) {
      const item = files.get(id);
      if (item?.status !== 'refused' || !item.mayRetry) continue;
      Object.assign(item, { status: 'waiting', sent: 0, reason: undefined, batch: batch.number });
      onChange('waiting', id);
    }
    pump();
  }

  addEventListener('online', () =>
    retry([...files.values()].filter(({ isOffline }) => isOffline).map(({ id }) => id)),
  );

  return {
    files,
    batch,
    isBusy,
    /** Returns the file's id. A photo that `isChecked` brings its `hint` along. */
    add,
    /**
     * Shows a file that is not sent at all, and why.
     * @param {string} name
     * @param {string} reason
     */
    refuse(name, reason) {
      const id = crypto.randomUUID();
      files.set(id, { id, name, size: 0, sent: 0, status: 'refused', reason, mayRetry: false });
      onChange('refused', id);
      return id;
    },
    /** Sends refused files again, where that can help. */
    retry,
    /** @param {string[]} ids */
    dismiss(ids) {
      for (const id of ids) {
        files.delete(id);
        onChange('removed', id);
      }
    },
    cancelAll() {
      for (const item of [...files.values()].filter(isUnderWay)) {
        files.delete(item.id);
        item.controller?.abort();
        onChange('cancelled', item.id);
      }
    },
  };
}

/**
 * @param {ListedFile} file
 * @returns {file is QueuedFile}
 */
const isWaiting = (file) => file.status === 'waiting' && file.file !== undefined;

/**
 * A pasted file may have no name.
 * @param {{ name?: string, type: string }} file
 */
const nameOf = ({ name, type }) => name || `pasted.${(type.split('/')[1] ?? 'jpg').replace('jpeg', 'jpg')}`;

/**
 * An XMLHttpRequest, because fetch does not tell how much was sent. Status 0: no answer came.
 * @param {{
 *   method?: string,
 *   url: string,
 *   headers: Record<string, string>,
 *   body: XMLHttpRequestBodyInit,
 *   signal: AbortSignal,
 *   onSent?: (sent: number) => void,
 * }} about
 * @returns {Promise<{ status: number, json: any }>}
 */
function request({ method = 'POST', url, headers, body, signal, onSent }) {
  return new Promise((resolve, reject) => {
    const xhr = new XMLHttpRequest();
    xhr.open(method, url);
    for (const [name, value] of Object.entries(headers))
      if (!ownedByBrowser.test(name)) xhr.setRequestHeader(name, value);
    if (onSent) xhr.upload.addEventListener('progress', ({ loaded }) => onSent(loaded));
    xhr.addEventListener('load', () => resolve({ status: xhr.status, json: parse(xhr.responseText) }));
    xhr.addEventListener('error', () => resolve({ status: 0, json: {} }));
    xhr.addEventListener('abort', () => reject(signal.reason));
    signal.addEventListener('abort', () => xhr.abort(), { once: true });
    signal.throwIfAborted();
    xhr.send(body);
  });
}

/** @param {string} text */
function parse(text) {
  try {
    return JSON.parse(text) ?? {};
  } catch {
    return {};
  }
}

/**
 * The answer's JSON. Throws an Error for people when the answer is a refusal, or did not come.
 * @param {{ status: number, json: any }} answer
 * @param {Blob} [file]
 */
async function accept({ status, json }, file) {
  if (status >= 200 && status < 300) return json;
  if (status === 0) {
    if (file && !(await isReadable(file)))
      throw new UploadFailure('The file can’t be read. It may have been moved or deleted.');
    throw new UploadFailure(connectionLost, { mayRetry: true, isTransient: true, isOffline: true });
  }
  const isTransient = status >= 502 || json.code === 'upload-being-completed';
  const isSignedOut = status === 401 || json.code === 'csrf-token-missing';
  const mayRetry = isTransient || isSignedOut || status >= 500 || [408, 409, 429].includes(status);
  throw new UploadFailure(sayProblem(status, json), { mayRetry, isTransient, isSignedOut });
}

/** @param {Blob} file */
async function isReadable(file) {
  try {
    await file.slice(0, 1).arrayBuffer();
    return true;
  } catch {
    return false;
  }
}

/**
 * @param {number} status
 * @param {Answer} answer
 */
function sayProblem(status, { refusals: [refusal] = [], code, detail }) {
  if (refusal) return refusal.message;
  if (code === 'not-signed-in' || code === 'csrf-token-missing')
    return 'You’re signed out. Sign in again in another tab, then try again.';
  if (status === 413) return 'The file is too large.';
  return detail ?? `Upload failed (error ${status}).`;
}

/** Why a file was not accepted, for people, and whether sending it again can help. */
class UploadFailure extends Error {
  /**
   * @param {string} message
   * @param {{ mayRetry?: boolean, isTransient?: boolean, isOffline?: boolean, isSignedOut?: boolean }} [facts]
   */
  constructor(
    message,
    { mayRetry = false, isTransient = false, isOffline = false, isSignedOut = false } = {},
  ) {
    super(message);
    this.mayRetry = mayRetry;
    this.isTransient = isTransient;
    this.isOffline = isOffline;
    this.isSignedOut = isSignedOut;
  }
}

/** @param {unknown} error */
function failureOf(error) {
  if (error instanceof UploadFailure) return error;
  return new UploadFailure(error instanceof Error ? error.message : String(error));
}

/**
 * Ends early when the connection is back. Throws when it is aborted.
 * @param {number} ms
 * @param {AbortSignal} signal
 * @returns {Promise<void>}
 */
function pause(ms, signal) {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(end, ms);
    addEventListener('online', end, { once: true });
    signal.addEventListener('abort', end, { once: true });
    function end() {
      clearTimeout(timer);
      removeEventListener('online', end);
      signal.removeEventListener('abort', end);
      if (signal.aborted) reject(signal.reason);
      else resolve();
    }
  });
}
