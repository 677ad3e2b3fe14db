// The phone's page: signs in by the link it was opened with, shows the camera, and sends page after page to the project.
import { checkPhoto, isBlurred } from './photo-check.js';

const byId = (id) => document.getElementById(id);
const queue = [];
let phone;
let arrived = 0;
let isSending = false;
let stream;

start().catch((error) => say(error.message));

async function start() {
  const token = location.hash.slice(1);
  // the token is good once: it goes from the address bar and the history
  history.replaceState(null, '', location.pathname);
  phone = token
    ? await call('/api/phone/sign-in', { body: { token } })
    : await call('/api/phone', { method: 'GET' });
  byId('project-name').textContent = phone.projectName;
  byId('controls').hidden = false;
  say('');
  setInterval(showLeft, 1000);
  showLeft();
  await openCamera();
}

/** JSON in, JSON out. Throws an Error whose message is for the person; `isOver` when this phone is signed out. */
async function call(path, { method = 'POST', body, headers = {} } = {}) {
  const isForm = body instanceof FormData;
  let answer;
  try {
    answer = await fetch(path, {
      method,
      headers: {
        ...(phone ? { 'x-csrf-token': phone.csrfToken } : {}),
        ...(body && !isForm ? { 'content-type': 'application/json' } : {}),
        ...headers,
      },
      ...(body ? { body: isForm ? body : JSON.stringify(body) } : {}),
    });
  } catch {
    throw Object.assign(new Error('The connection broke.'), { mayPass: true });
  }
  if (answer.status === 204) return undefined;
  const said = await answer.json().catch(() => ({}));
  if (answer.ok) return said;
  const message = said.refusals?.[0]?.message ?? said.detail ?? `It did not work (${answer.status}).`;
  const mayPass = answer.status >= 500 || said.code === 'upload-being-completed';
  throw Object.assign(new Error(message), { mayPass, isOver: answer.status === 401 });
}

function say(text) {
  byId('note').textContent = text;
  byId('note').hidden = text === '';
}

function showLeft() {
  const seconds = Math.max(0, Math.round((Date.parse(phone.endsAt) - Date.now()) / 1000));
  byId('time-left').textContent =
    `ends in ${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;
  if (seconds === 0 && queue.length === 0)
    end('Your time is over. Press “Use your phone” on the desktop for a new link.');
}

function end(text) {
  stream?.getTracks().forEach((track) => {
    track.stop();
  });
  for (const id of ['viewfinder', 'controls']) byId(id).hidden = true;
  say(text);
  byId('note').focus();
}

// --- the camera

async function openCamera() {
  try {
    stream = await navigator.mediaDevices.getUserMedia({
      video: { facingMode: { ideal: 'environment' }, width: { ideal: 3840 }, height: { ideal: 2160 } },
      audio: false,
    });
  } catch {
    return; // no camera, or no leave to use it: the phone's own camera takes the photograph
  }
  const video = byId('video');
  video.srcObject = stream;
  await video.play().catch(() => {});
  byId('viewfinder').hidden = false;
  byId('pick').hidden = true;
  byId('shutter').hidden = false;
  setInterval(showSharpness, 700);
}

/** A look at the middle of the picture, small enough to be quick on a phone. */
function showSharpness() {
  const video = byId('video');
  if (document.hidden || !video.videoWidth) return;
  const side = Math.min(640, video.videoWidth, video.videoHeight);
  const [left, top] = [(video.videoWidth - side) / 2, (video.videoHeight - side) / 2];
  const context = canvasOf(side, side).getContext('2d', { willReadFrequently: true });
  context.drawImage(video, left, top, side, side, 0, 0, side, side);
  byId('hint').textContent = isBlurred(context.getImageData(0, 0, side, side))
    ? 'Blurred: hold still, or move back a little'
    : 'Sharp enough to read';
}

const canvasOf = (width, height) => Object.assign(document.createElement('canvas'), { width, height });

byId('shutter').addEventListener('click', async () => {
  const hadFocus = document.activeElement === byId('shutter');
  byId('shutter').disabled = true;
  try {
    await take(await photograph());
  } catch {
    say('The camera gave no picture. Try again.');
  } finally {
    byId('shutter').disabled = false;
    if (hadFocus && document.activeElement === document.body) byId('shutter').focus();
  }
});

byId('photo').addEventListener('change', async (event) => {
  const [file] = event.target.files;
  event.target.value = '';
  if (file) await take(file);
});

/** In the camera's full size where the browser can, as the picture of this moment where it cannot. */
async function photograph() {
  const [track] = stream.getVideoTracks();
  if (window.ImageCapture) {
    const photo = await new ImageCapture(track).takePhoto().catch(() => undefined);
    if (photo?.type === 'image/jpeg') return photo;
  }
  const video = byId('video');
  const canvas = canvasOf(video.videoWidth, video.videoHeight);
  canvas.getContext('2d').drawImage(video, 0, 0);
  return new Promise((resolve, reject) =>
    canvas.toBlob((blob) => (blob ? resolve(blob) : reject(new Error('no picture'))), 'image/jpeg', 0.92),
  );
}

// --- sending

async function take(photo) {
  const item = {
    photo,
    name: photo.name ?? `page-${new Date().toISOString().slice(0, 19).replaceAll(':', '-')}.jpg`,
    key: crypto.randomUUID(),
    begunAt: new Date().toISOString(),
  };
  queue.push(item);
  showLast(photo);
  showCount();
  const hint = await checkPhoto(photo);
  if (hint)
    say(
      hint === 'blurred'
        ? 'This page looks blurred. Take it again if you can.'
        : 'This picture is small. Move closer.',
    );
  else say('');
  send();
}

async function showLast(photo) {
  const bitmap = await createImageBitmap(photo).catch(() => undefined);
  if (!bitmap) return;
  const canvas = byId('last');
  const scale = Math.max(canvas.width / bitmap.width, canvas.height / bitmap.height);
  const [width, height] = [bitmap.width * scale, bitmap.height * scale];
  canvas
    .getContext('2d')
    .drawImage(bitmap, (canvas.width - width) / 2, (canvas.height - height) / 2, width, height);
  canvas.setAttribute('aria-label', 'The last page you took');
}

/** One after the other, in the order in which they were taken; what the line cannot carry now is sent when it can. */
async function send() {
  if (isSending) return;
  isSending = true;
  while (queue.length > 0) {
    try {
      const { endsAt } = await upload(queue[0]);
      phone.endsAt = endsAt;
      arrived += 1;
      queue.shift();
    } catch (error) {
      if (error.isOver) return end(`${error.message} ${sayLost(queue.length)}`);
      if (error.mayPass) {
        say('The connection broke. The pages you took are kept here, and sent as soon as it is back.');
        await new Promise((resolve) => setTimeout(resolve, 3000));
      } else {
        showTrouble(queue.shift(), error.message);
      }
    }
    showCount();
  }
  if (byId('note').textContent.startsWith('The connection broke')) say('');
  isSending = false;
}

const sayLost = (count) => (count === 1 ? 'One page was not sent.' : `${count} pages were not sent.`);

async function upload({ photo, name, key, begunAt }) {
  const type = photo.type || 'image/jpeg';
  if (phone.directAboveBytes === undefined || photo.size <= phone.directAboveBytes) {
    const form = new FormData();
    form.append('files', photo, name);
    return call('/api/phone/pages', {
      body: form,
      headers: { 'upload-key': key, 'upload-begun-at': begunAt },
    });
  }
  const { id, url, method, headers } = await call('/api/phone/uploads', {
    body: { fileName: name, contentType: type, size: photo.size },
  });
  const answer = await fetch(url, { method, headers, body: photo }).catch(() => undefined);
  if (!answer?.ok) throw Object.assign(new Error('The connection broke.'), { mayPass: true });
  return call(`/api/phone/uploads/${id}/complete`);
}

function showCount() {
  const waiting = queue.length > 0 ? `, ${queue.length} on the way` : '';
  byId('count').textContent = `${arrived} ${arrived === 1 ? 'page' : 'pages'}${waiting}`;
}

function showTrouble({ name }, message) {
  const item = document.createElement('li');
  item.textContent = `${name}: ${message}`;
  byId('troubles').append(item);
}

byId('done').addEventListener('click', async () => {
  if (queue.length > 0) return say('Some pages are still on their way. Wait a moment.');
  await call('/api/phone/sign-out').catch(() => {});
  end(`Done: ${arrived} ${arrived === 1 ? 'page is' : 'pages are'} in the project. You can close this page.`);
});

window.addEventListener('beforeunload', (event) => {
  if (queue.length > 0) event.preventDefault();
});
