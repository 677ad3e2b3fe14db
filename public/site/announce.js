import { findById } from './elements.js';

/**
 * Says something to those who do not see what changes on the page.
 * @param {string} text
 */
export function announce(text) {
  const announcer = findById('announcer');
  if (announcer) announcer.textContent = text;
}
