// The camera screen as a dialog over the project's page. The browser keeps the focus in it; Escape goes back one step.
/** @import { AddOptions } from '../types.d.ts' */

import { byId } from '../site/elements.js';
import { createCamera } from './camera.js';

/**
 * `onPhoto` as for createCamera; `onClose` puts the focus back where it came from.
 * @param {{ onPhoto: (photo: Blob, options: AddOptions) => string, onClose: () => void }} options
 */
export function createCameraDialog({ onPhoto, onClose }) {
  const dialog = byId('camera-dialog', HTMLDialogElement);
  const camera = createCamera({ onPhoto, onDone: () => dialog.close() });

  dialog.addEventListener('cancel', (event) => {
    if (!camera.hasStill()) return;
    event.preventDefault();
    camera.retake();
  });
  dialog.addEventListener('close', () => {
    camera.close();
    onClose();
  });
  byId('camera-close').addEventListener('click', () => dialog.close());

  return {
    open() {
      if (dialog.open) return;
      camera.forgetShots();
      camera.say('');
      dialog.showModal();
      camera.open();
    },
    showFile: camera.showFile,
  };
}
