// The camera screen: the live picture and a shutter, then the photo with "Retake" and "Use photo". The phone's page and the
// project's dialog both show it, from views/capture/camera.eta.
/** @import { AddOptions, ListedFile, PhotoHint } from '../types.d.ts' */
import { byId, closest } from '../site/elements.js';
import { isUnderWay } from '../uploads/sender.js';
import { canvasOf, checkPhoto, contextOf, isBlurred } from './photo-check.js';

/**
 * A photo that was taken, before it is used.
 * @typedef {{ photo: Blob, url: string, hint?: PhotoHint, isChecked?: boolean }} Still
 */
/** @typedef {ListedFile['status'] | 'removed'} ShotStatus */
/**
 * A photo that was used, in the row of photos.
 * @typedef {ReturnType<typeof makeShot>} Shot
 */

/** @param {number} count */
const countOf = (count) => `${count} ${count === 1 ? 'page' : 'pages'}`;
const sharpnessEveryMs = 700;
const maxShots = 100;

/**
 * `onPhoto(file, { name, hint, isChecked })` gets each photo that is used, and returns its id. `onDone` follows "Done". The
 * camera runs from `open` to `close`; `showFile(id, file)` shows how far a sender's file is.
 * @param {{ onPhoto: (photo: Blob, options: AddOptions) => string, onDone: () => void }} options
 */
export function createCamera({ onPhoto, onDone }) {
  const screen = byId('camera');
  const video = byId('camera-video', HTMLVideoElement);
  const shutter = byId('shutter', HTMLButtonElement);
  const shown = byId('camera-still', HTMLImageElement);
  /** @type {Map<string, Shot>} */
  const shots = new Map();
  /** @type {MediaStream | undefined} */
  let stream;
  /** @type {Still | undefined} */
  let still;
  /** @type {number | undefined} */
  let timer;
  let turn = 0;

  const state = () => screen.dataset.state;
  /** @param {'starting' | 'live' | 'still' | 'trouble' | 'over'} next */
  function setState(next) {
    screen.dataset.state = next;
    byId('camera-hint').textContent = '';
  }

  /** @param {string} text */
  function say(text) {
    byId('camera-note').textContent = text;
  }

  // --- the live picture

  async function open() {
    close();
    turn += 1;
    const own = turn;
    setState('starting');
    let opened;
    try {
      opened = await openStream(localStorage.getItem('camera'));
      if (own !== turn) return stop(opened); // closed meanwhile
      stream = opened;
    } catch (error) {
      if (own === turn) showTrouble(sayWhyClosed(error));
      return;
    }
    const track = trackOf(opened);
    track.addEventListener('ended', () => {
      if (own === turn) showTrouble('The camera was disconnected. Connect it, then try again.');
    });
    video.srcObject = opened;
    await video.play().catch(() => {});
    if (own !== turn) return;
    showLive();
    timer = setInterval(showSharpness, sharpnessEveryMs);
    await listCameras(track);
  }

  function showLive() {
    const hadFocus = screen.contains(document.activeElement) || document.activeElement === document.body;
    forgetStill();
    setState('live');
    if (hadFocus) shutter.focus();
  }

  /** @param {string} text */
  function showTrouble(text) {
    close();
    setState('trouble');
    byId('camera-trouble-text').textContent = text;
    byId('camera-again').focus();
  }

  /** Stops the camera, so that its light goes out. */
  function close() {
    turn += 1;
    clearInterval(timer);
    if (stream) stop(stream);
    stream = undefined;
    video.srcObject = null;
    forgetStill();
  }

  /** @param {MediaStream} opened */
  function stop(opened) {
    for (const track of opened.getTracks()) track.stop();
  }

  /** @param {MediaStreamTrack} track */
  async function listCameras(track) {
    const cameras = (await navigator.mediaDevices.enumerateDevices()).filter(
      ({ kind }) => kind === 'videoinput',
    );
    const { deviceId } = track.getSettings();
    byId('camera-choice').hidden = cameras.length < 2;
    choice.replaceChildren(
      ...cameras.map(
        ({ label, deviceId: id }, index) =>
          new Option(label || `Camera ${index + 1}`, id, false, id === deviceId),
      ),
    );
  }

  /** A look at the middle of the picture, small enough to be quick on a phone. */
  function showSharpness() {
    if (document.hidden || state() !== 'live' || !video.videoWidth) return;
    const side = Math.min(640, video.videoWidth, video.videoHeight);
    const [left, top] = [(video.videoWidth - side) / 2, (video.videoHeight - side) / 2];
    const context = contextOf(canvasOf(side, side), { willReadFrequently: true });
    context.drawImage(video, left, top, side, side, 0, 0, side, side);
    byId('camera-hint').textContent = isBlurred(context.getImageData(0, 0, side, side))
      ? 'Blurred. Hold still, or move back a little.'
      : 'Sharp enough to read';
  }

  // --- shutter, retake, use

  async function shoot() {
    if (state() !== 'live' || !stream || shutter.disabled) return;
    shutter.disabled = true;
    const own = turn;
    let photo;
    try {
      photo = await takePhoto(stream, video);
    } catch {
      say('The camera didn’t take a photo. Try again.');
    } finally {
      shutter.disabled = false; // before the photo is checked: it may be used meanwhile, and the shutter gets the focus
    }
    if (photo && own === turn) await showStill(photo);
  }

  /** @param {Blob} photo */
  async function showStill(photo) {
    /** @type {Still} */
    const own = { photo, url: URL.createObjectURL(photo) };
    still = own;
    shown.src = own.url;
    say('');
    setState('still');
    byId('use-photo').focus();
    own.hint = await checkPhoto(photo);
    own.isChecked = true;
    if (still !== own) return;
    byId('camera-hint').textContent = own.hint ? stillHints[own.hint] : 'Sharp enough to read';
  }

  function forgetStill() {
    if (still) URL.revokeObjectURL(still.url);
    shown.removeAttribute('src');
    still = undefined;
  }

  function useStill() {
    if (!still) return;
    const { photo, hint, isChecked } = still;
    showLive();
    const name = `page-${new Date().toISOString().slice(0, 19).replaceAll(':', '-')}.jpg`;
    use(photo, { name, hint, isChecked });
  }

  /**
   * @param {Blob} photo
   * @param {AddOptions} options
   */
  function use(photo, options) {
    say('');
    const shot = makeShot(shots.size + 1);
    byId('camera-shots').append(shot.row);
    if (byId('camera-shots').childElementCount > maxShots) byId('camera-shots').firstElementChild?.remove();
    shot.row.scrollIntoView({ block: 'nearest', inline: 'end' });
    drawThumbnail(photo, shot.canvas);
    const id = onPhoto(photo, options);
    shots.set(id, shot);
    showCount();
  }

  function retake() {
    if (state() === 'still') showLive();
  }

  // --- what was taken

  /**
   * @param {string} id
   * @param {ListedFile | undefined} file
   */
  function showFile(id, file) {
    const shot = shots.get(id);
    if (!shot) return;
    if (!file) shot.status = 'removed';
    else shot.status = file.status;
    shot.row.dataset.status = shot.status;
    shot.bar.hidden = !isUnderWay(shot);
    shot.bar.value = file && file.size > 0 ? file.sent / file.size : 0;
    shot.words.textContent = `Page ${shot.number}: ${statusWords[shot.status]}`;
    if (file?.status === 'refused') say(`Page ${shot.number} wasn’t added: ${file.reason}`);
    showCount();
  }

  function showCount() {
    const all = [...shots.values()];
    const waiting = all.filter(isUnderWay).length;
    const added = all.filter(({ status }) => status === 'done').length;
    const text = `${countOf(added)} added${waiting > 0 ? `, ${waiting} uploading` : ''}`;
    if (byId('camera-count').textContent !== text) byId('camera-count').textContent = text;
  }

  // --- controls

  shutter.addEventListener('click', shoot);
  byId('retake').addEventListener('click', retake);
  byId('use-photo').addEventListener('click', useStill);
  byId('camera-again').addEventListener('click', open);
  byId('camera-done').addEventListener('click', () => {
    useStill(); // it was not retaken, so it is meant
    onDone();
  });
  const choice = byId('camera-device', HTMLSelectElement);
  choice.addEventListener('change', () => {
    localStorage.setItem('camera', choice.value);
    open();
  });
  const picker = byId('camera-file', HTMLInputElement);
  picker.addEventListener('change', () => {
    const chosen = [...(picker.files ?? [])];
    picker.value = '';
    for (const file of chosen) use(file, {});
  });

  /** The shutter by keyboard, wherever the focus is, as cameras on desktops have it. */
  screen.addEventListener('keydown', (event) => {
    const isTyping = closest(event.target, 'button, select, input, label, a');
    if ((event.key === ' ' || event.key === 'Enter') && !isTyping && state() === 'live') {
      event.preventDefault();
      shoot();
    }
  });

  navigator.mediaDevices?.addEventListener('devicechange', () => {
    const [track] = stream?.getVideoTracks() ?? [];
    if (track) listCameras(track);
  });
  addEventListener('pagehide', close);

  return {
    open,
    close,
    retake,
    say,
    showFile,
    setState,
    hasStill: () => still !== undefined,
    countAdded: () => [...shots.values()].filter(({ status }) => status === 'done').length,
    /** Begins a new row of pages. */
    forgetShots() {
      shots.clear();
      byId('camera-shots').replaceChildren();
      showCount();
    },
  };
}

const stillHints = {
  blurred: 'This photo looks blurred. Retake it if you can.',
  small: 'Low resolution: small print may be misread. Move closer and retake it.',
};

const statusWords = {
  waiting: 'waiting',
  sending: 'uploading',
  done: 'added',
  refused: 'not added',
  removed: 'removed',
};

/** @param {MediaStream} stream */
function trackOf(stream) {
  const [track] = stream.getVideoTracks();
  if (!track) throw new Error('The stream has no video track');
  return track;
}

/**
 * The camera that was chosen before, or the one at the back of a phone.
 * @param {string | null} deviceId
 */
async function openStream(deviceId) {
  const size = { width: { ideal: 3840 }, height: { ideal: 2160 } };
  const backCamera = { audio: false, video: { facingMode: { ideal: 'environment' }, ...size } };
  if (!deviceId) return navigator.mediaDevices.getUserMedia(backCamera);
  const chosen = { audio: false, video: { deviceId: { exact: deviceId }, ...size } };
  return navigator.mediaDevices.getUserMedia(chosen).catch((error) => {
    if (error.name !== 'OverconstrainedError' && error.name !== 'NotFoundError') throw error;
    return navigator.mediaDevices.getUserMedia(backCamera); // it is not connected now
  });
}

/**
 * By the names of Media Capture and Streams, 10.2.
 * @param {unknown} error
 */
function sayWhyClosed(error) {
  const name = error instanceof Error ? error.name : '';
  if (name === 'NotAllowedError' || name === 'SecurityError')
    return 'Camera access is blocked. Allow the camera for this site in your browser’s settings, then try again.';
  if (name === 'NotFoundError' || name === 'OverconstrainedError')
    return 'No camera found. Connect a camera, then try again.';
  if (name === 'NotReadableError' || name === 'AbortError')
    return 'The camera is being used by another app. Close that app, then try again.';
  return 'This browser can’t use the camera here.';
}

/**
 * In the camera's full size where the browser can, else as the picture of this moment.
 * @param {MediaStream} stream
 * @param {HTMLVideoElement} video
 * @returns {Promise<Blob>}
 */
async function takePhoto(stream, video) {
  if (window.ImageCapture) {
    const photo = await new window.ImageCapture(trackOf(stream)).takePhoto().catch(() => undefined);
    if (photo?.type === 'image/jpeg') return photo;
  }
  const canvas = canvasOf(video.videoWidth, video.videoHeight);
  contextOf(canvas).drawImage(video, 0, 0);
  return new Promise((resolve, reject) =>
    canvas.toBlob((blob) => (blob ? resolve(blob) : reject(new Error('no picture'))), 'image/jpeg', 0.92),
  );
}

/** @param {number} number */
function makeShot(number) {
  const row = document.createElement('li');
  const canvas = canvasOf(46, 60);
  canvas.setAttribute('aria-hidden', 'true');
  const bar = Object.assign(document.createElement('progress'), { max: 1, value: 0 });
  bar.setAttribute('aria-label', `Page ${number}`);
  const words = Object.assign(document.createElement('span'), {
    className: 'visually-hidden',
    textContent: `Page ${number}: waiting`,
  });
  row.append(canvas, bar, words);
  row.dataset.status = 'waiting';
  return { number, row, canvas, bar, words, status: /** @type {ShotStatus} */ ('waiting') };
}

/**
 * @param {Blob} photo
 * @param {HTMLCanvasElement} canvas
 */
async function drawThumbnail(photo, canvas) {
  const bitmap = await createImageBitmap(photo).catch(() => undefined);
  if (!bitmap) return; // HEIC, which not every browser can show
  const scale = Math.max(canvas.width / bitmap.width, canvas.height / bitmap.height);
  const [width, height] = [bitmap.width * scale, bitmap.height * scale];
  const [left, top] = [(canvas.width - width) / 2, (canvas.height - height) / 2];
  contextOf(canvas).drawImage(bitmap, left, top, width, height);
  bitmap.close();
}
