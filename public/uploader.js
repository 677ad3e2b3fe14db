// The uploads of a project's page: Uppy takes files from everywhere (dialog, folder, camera) and sends them one request each,
// to Paperlift, or straight to S3 where they would not fit. Loaded when the first file comes.
import { checkPhoto } from './photo-check.js';

const filesAtOnce = 3;

/**
 * `tell` gets every change: `added`, `progress`, `done`, `refused`, `removed`, `hint` with a file's id and what there is to
 * say, and `closed` for the dialog. `settings` are the form's.
 */
export async function createUploader({ settings, tell }) {
  const { Uppy, Dashboard, Webcam, DropTarget, XHRUpload } = await import(settings.uppy);
  const begun = new Map();
  let beginnings = Promise.resolve();

  const uppy = new Uppy({
    autoProceed: true,
    allowMultipleUploadBatches: true,
    restrictions: { maxFileSize: Number(settings.maxBytes), allowedFileTypes: settings.accept.split(',') },
    onBeforeFileAdded: () => true, // the same file twice is the person's own business
    infoTimeout: 0,
    logger: { debug() {}, warn() {}, error() {} }, // what goes wrong is shown on the page
  })
    .use(Webcam, {
      modes: ['picture'],
      mirror: false, // paper, no faces
      showVideoSourceDropdown: true,
      videoConstraints: { facingMode: 'environment', width: { ideal: 3840 }, height: { ideal: 2160 } },
    })
    .use(Dashboard, {
      trigger: null,
      proudlyDisplayPoweredByUppy: false,
      browserBackButtonClose: false,
      closeModalOnClickOutside: true,
      animateOpenClose: false, // its end takes the focus from where one has gone meanwhile
      fileManagerSelectionType: 'both',
      note: settings.hint,
      theme: 'auto',
      disableThumbnailGenerator: true, // what is added is sent at once, and then shown by the project
      plugins: ['Webcam'],
      locale: {
        strings: {
          browseFiles: 'choose files',
          browseFolders: 'choose a folder',
          dropPasteImportBoth:
            'Drop or paste files here, %{browseFiles}, %{browseFolders}, or use the camera:',
          myDevice: 'Files',
        },
      },
    })
    .use(DropTarget, { target: document.body })
    .use(XHRUpload, {
      limit: filesAtOnce,
      fieldName: 'files',
      allowedMetaFields: [],
      endpoint: (file) => (goesDirect(file) ? beginDirect(file) : settings.pages),
      headers: (file) => (goesDirect(file) ? { 'content-type': file.type } : headersOf(file)),
      timeout: 0,
      onAfterResponse: (request) => {
        if (request.status >= 300) throw new Error(reasonIn(request));
      },
      // also when no answer came: what is named, or lies under a key of its own, becomes one page however often it is sent
      shouldRetry: ({ status }) => status === 0 || status === 502 || status === 503 || status === 504,
      getResponseData: (request) => (begun.has(request.responseURL) ? complete(request) : { sent: true }),
    });

  const goesDirect = (file) => settings.directAbove !== undefined && file.size > Number(settings.directAbove);

  const headersOf = (file) => ({
    accept: 'application/json',
    'x-csrf-token': settings.csrfToken,
    'upload-key': file.meta.uploadKey,
    'upload-begun-at': file.meta.begunAt,
  });

  /** One after the other: pages keep the order of their files. */
  function beginDirect(file) {
    const beginning = beginnings.then(async () => {
      const body = { fileName: file.name, contentType: file.type, size: file.size };
      const upload = await ask(settings.uploads, body);
      begun.set(upload.url, upload.id);
      return upload.url;
    });
    beginnings = beginning.catch(() => {});
    return beginning;
  }

  async function complete({ responseURL }) {
    await ask(`${settings.uploads}/${begun.get(responseURL)}/complete`, {});
    begun.delete(responseURL);
    return { sent: true };
  }

  async function ask(url, body, triesLeft = 3) {
    let answer;
    try {
      answer = await fetch(url, {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'x-csrf-token': settings.csrfToken },
        body: JSON.stringify(body),
      });
    } catch {
      answer = undefined; // the connection broke
    }
    if (answer?.ok) return answer.json();
    const problem = (await answer?.json().catch(() => undefined)) ?? {};
    const mayPass = !answer || answer.status >= 500 || problem.code === 'upload-being-completed';
    if (!mayPass || triesLeft === 0) throw new Error(answer ? sayProblem(problem, answer.status) : notSent);
    await new Promise((resolve) => setTimeout(resolve, 1500));
    return ask(url, body, triesLeft - 1);
  }

  let order = Date.now() + Number(settings.clockOffset);
  uppy.on('file-added', (file) => {
    order = Math.max(order + 1, Date.now() + Number(settings.clockOffset));
    uppy.setFileMeta(file.id, { uploadKey: makeKey(), begunAt: new Date(order).toISOString() });
    if (goesDirect(file)) uppy.setFileState(file.id, { xhrUpload: { formData: false, method: 'put' } });
    tell('added', file.id, { name: file.name, size: file.size });
    checkPhoto(file.data).then((hint) => hint && tell('hint', file.id, { name: file.name, hint }));
    if (file.source !== 'Webcam') uppy.getPlugin('Dashboard').closeModal();
  });
  uppy.on('restriction-failed', (file, error) => {
    if (file)
      tell('refused', `refused ${file.name} ${makeKey()}`, {
        name: file.name,
        reason: sayRestriction(error, settings),
      });
  });
  uppy.on(
    'upload-progress',
    (file, { bytesUploaded }) => file && tell('progress', file.id, { sent: bytesUploaded }),
  );
  uppy.on('upload-success', (file) => {
    tell('done', file.id, {});
    // the camera's dialog shows what it took, until it is closed
    if (!uppy.getPlugin('Dashboard').isModalOpen()) uppy.removeFile(file.id);
  });
  uppy.on('upload-error', (file, error, request) => {
    const reason = error.isNetworkError ? notSent : error.message;
    const status = request?.status ?? 0;
    // what is wrong with the file itself stays so; the line, the session and a busy server do not
    const mayTryAgain = status < 400 || status >= 500 || [401, 408, 409, 429].includes(status);
    tell('refused', file.id, { name: file.name, reason, mayTryAgain });
    if (!mayTryAgain) setTimeout(() => uppy.getFile(file.id) && uppy.removeFile(file.id));
  });
  uppy.on('file-removed', (file) => tell('removed', file.id, {}));
  uppy.on('dashboard:modal-closed', () => {
    for (const file of uppy.getFiles()) if (file.progress.uploadComplete) uppy.removeFile(file.id);
    tell('closed');
  });
  uppy.on('back-online', () => uppy.retryAll());
  uppy.on('retry-all', (files) => {
    for (const { id } of files) tell('again', id, {});
  });

  return {
    add(files, source = 'page') {
      for (const file of files) {
        try {
          uppy.addFile({ name: nameOf(file), type: file.type, data: file, source });
        } catch (error) {
          if (!error.isRestriction) throw error; // told by `restriction-failed`
        }
      }
    },
    openDialog: () => uppy.getPlugin('Dashboard').openModal(),
    isDialogOpen: () => uppy.getPlugin('Dashboard').isModalOpen(),
    retry: (id) => uppy.retryUpload(id),
    retryAll: () => uppy.retryAll(),
    remove: (id) => uppy.getFile(id) && uppy.removeFile(id),
    cancelAll: () => uppy.cancelAll(),
  };
}

const notSent = 'It could not be sent: the connection broke. Try again.';

/** What was pasted has no name of its own. */
const nameOf = ({ name, type }) => name || `pasted.${(type.split('/')[1] ?? 'jpg').replace('jpeg', 'jpg')}`;

/** `crypto.randomUUID` is there on https and localhost only; so is Paperlift. */
const makeKey = () => crypto.randomUUID();

function reasonIn(request) {
  try {
    return sayProblem(JSON.parse(request.responseText), request.status);
  } catch {
    return sayProblem({}, request.status);
  }
}

function sayProblem(problem, status) {
  const [refusal] = problem.refusals ?? [];
  if (refusal) return refusal.message;
  if (status === 401) return 'You have been signed out. Sign in again in another tab, then try again.';
  return problem.detail ?? `It was refused (${status}). Try again, or add it in another format.`;
}

function sayRestriction(error, settings) {
  return /size/i.test(error.message)
    ? `The file is too large: ${settings.hint}`
    : `This kind of file is not taken: ${settings.hint}`;
}
