// Lines and words that are written in where they stand: an input takes their place, and the image goes on showing the word.
/** @import { Draft } from '../types.d.ts' */
import { find, findAll, get } from '../site/elements.js';
import { dropDraft, keepDraft } from './drafts.js';
import { onAnswer, send, swap } from './save.js';

/**
 * Called when writing is over, with the key that ended it, if one did.
 * @typedef {(key?: string) => void} After
 */

/**
 * @param {HTMLElement} element
 * @returns {HTMLElement}
 */
function lineOf(element) {
  const line = element.closest('.line');
  if (line instanceof HTMLElement) return line;
  throw new Error('The word is in no line');
}
/** @param {HTMLElement} line */
const textIn = (line) => get('.line-text', HTMLElement, line);

/** @param {HTMLElement} line */
function aboutLine(line) {
  const { id = '', line: number = '', text = '', detected = '' } = line.dataset;
  return { id, number, text, detected };
}

/**
 * An input in the place of `element`. `done` gets what was written, or nothing when it was given up.
 * @param {HTMLElement} element
 * @param {{
 *   value: string,
 *   typed?: string,
 *   label: string,
 *   hint: string,
 *   onTyped: (typed: string) => void,
 *   onGivenUp: () => void,
 *   done: (written: string | undefined, key: string | undefined) => void,
 * }} about
 */
function openInput(element, { value, typed = value, label, hint, onTyped, onGivenUp, done }) {
  const input = Object.assign(document.createElement('input'), {
    className: 'edit',
    value: typed,
    maxLength: 2000,
    autocomplete: 'off',
    spellcheck: false,
    dir: 'auto',
  });
  input.setAttribute('autocapitalize', 'off');
  input.setAttribute('aria-label', label);
  if (hint) input.setAttribute('aria-description', hint);
  if (element.dataset.word) input.dataset.word = element.dataset.word;
  const fit = () => {
    input.size = Math.max(6, input.value.length + 2);
  };
  let isOver = false;
  /**
   * @param {string | undefined} written
   * @param {string} [key]
   */
  const end = (written, key) => {
    if (isOver) return;
    isOver = true;
    if (written === undefined || written === value) onGivenUp();
    input.replaceWith(element);
    done(written, key);
  };
  fit();
  input.addEventListener('input', () => {
    fit();
    onTyped(input.value);
  });
  input.addEventListener('keydown', (event) => {
    if (event.isComposing || !['Enter', 'Escape'].includes(event.key)) return;
    event.preventDefault();
    event.stopPropagation();
    end(event.key === 'Enter' ? input.value.trim().replace(/\s+/g, ' ') : undefined, event.key);
  });
  // going elsewhere keeps what was written, as it would on paper
  input.addEventListener('blur', () => {
    if (document.hasFocus()) end(input.value === value ? undefined : input.value.trim().replace(/\s+/g, ' '));
  });
  element.replaceWith(input);
  input.focus({ preventScroll: true });
  input.select();
}

/**
 * What the line reads with `text` in the place of a word.
 * @param {HTMLElement} line
 * @param {HTMLElement} word
 * @param {string} text
 */
function lineWith(line, word, text) {
  const parts = [...textIn(line).childNodes];
  const written = parts.map((part) => (part === word ? text : part.textContent)).join('');
  return text === '' ? written.replace(/\s+/g, ' ').trim() : written;
}

/**
 * Puts a text in the place of a word; none at all takes it away.
 * @param {HTMLElement} word
 * @param {string} written
 */
export function writeWord(word, written) {
  const line = lineOf(word);
  const { id, number, text: seen } = aboutLine(line);
  const text = lineWith(line, word, written);
  const fields = { do: 'word', line: id, text, seen };
  const said = written ? `Corrected to “${written}”` : `Removed “${word.textContent}”`;
  showWritten(line, text);
  word.textContent = written;
  word.classList.remove('doubt');
  word.classList.add('corrected');
  send(fields, { line: number, said });
}

/**
 * Lets a word be written anew.
 * @param {HTMLElement} word
 * @param {After} after
 * @param {Draft} [draft]
 */
export function editWord(word, after, draft) {
  const line = lineOf(word);
  const read = word.textContent;
  const place = findAll('.word', HTMLElement, line).indexOf(word);
  const { id, number, text: seen } = aboutLine(line);
  const parts = [...textIn(line).childNodes].map((part) => ({
    isWord: part === word,
    text: part.textContent,
  }));
  /** @param {string} typed */
  const lineWithTyped = (typed) => parts.map(({ isWord, text }) => (isWord ? typed : text)).join('');
  openInput(word, {
    value: read,
    typed: draft?.typed,
    onTyped: (typed) => keepDraft(id, { place, read, typed, seen, text: lineWithTyped(typed) }),
    onGivenUp: () => dropDraft(id),
    label: `Word in line ${number}`,
    hint: word.title,
    done(written, key) {
      if (written !== undefined && written !== read) writeWord(word, written);
      else if (written !== undefined && word.classList.contains('doubt')) accept(word);
      after(key);
      swap(number); // takes the focus along
    },
  });
}

/**
 * Lets a whole line be written anew; nothing in it is in doubt afterwards.
 * @param {HTMLElement} line
 * @param {After} after
 * @param {Draft} [draft]
 */
export function editLine(line, after, draft) {
  const shown = find('.line-text', HTMLElement, line);
  if (!shown) return;
  const { id, number, text: read, detected } = aboutLine(line);
  const seen = draft?.seen ?? read;
  openInput(shown, {
    value: read,
    typed: draft?.text,
    onTyped: (typed) => keepDraft(id, { seen, text: typed }),
    onGivenUp: () => dropDraft(id),
    label: `Text of line ${number}`,
    hint: `Detected: ${detected}`,
    done(written, key) {
      const isRead = written !== undefined && (written !== read || line.querySelector('.doubt'));
      if (isRead) {
        const fields = { do: 'save', line: id, text: written, seen };
        if (written !== read) {
          shown.textContent = written;
          showWritten(line, written);
        }
        for (const word of line.querySelectorAll('.word.doubt')) word.classList.remove('doubt');
        send(fields, { line: number, said: 'Line saved' });
      }
      swap(number);
      after(key);
    },
  });
}

/**
 * The word is right as it is.
 * @param {HTMLElement} word
 */
export function accept(word) {
  word.classList.remove('doubt');
  for (const box of document.querySelectorAll(`.box[data-word="${word.dataset.word}"]`))
    box.classList.remove('doubt');
  const { number } = aboutLine(lineOf(word));
  send({ accept: word.dataset.id ?? '' }, { line: number, said: `Accepted “${word.textContent}”` });
}

/**
 * Words are right as they are: all of a line, or of the page. `where` says it to people.
 * @param {HTMLElement[]} words
 * @param {string} where
 */
export function acceptAll(words, where) {
  /** @type {Map<string, number[]>} */
  const places = new Map();
  for (const word of words) {
    const [, id = '', place] = /^(.*)\.(\d+)$/.exec(word.dataset.id ?? '') ?? [];
    places.set(id, [...(places.get(id) ?? []), Number(place) - 1]);
    word.classList.remove('doubt');
    for (const box of document.querySelectorAll(`.box.doubt[data-word="${word.dataset.word}"]`))
      box.classList.remove('doubt');
  }
  const fields = {
    do: 'accept-all',
    words: [...places].map(([id, each]) => [id, ...each].join('.')).join(' '),
  };
  send(fields, { said: `Accepted ${words.length === 1 ? '1 word' : `${words.length} words`} on ${where}` });
}

/**
 * Back to what was detected.
 * @param {HTMLElement} line
 */
export function revert(line) {
  if (!('corrected' in line.dataset) && !('accepted' in line.dataset)) return false;
  const { id, number, text: seen, detected } = aboutLine(line);
  const fields = { do: 'as-detected', line: id, seen };
  textIn(line).textContent = detected;
  line.ariaBusy = 'true'; // its words come with the answer
  showWritten(line, detected);
  send(fields, {
    line: number,
    said: line.matches('.is-added') ? 'Line removed' : 'Original restored',
  });
  return true;
}

/**
 * What comes next is based on what was written, before the server has said so.
 * @param {HTMLElement} line
 * @param {string} text
 */
function showWritten(line, text) {
  line.dataset.text = text;
}

// saved: nothing is left to be kept, unless somebody is writing in that line again
onAnswer(({ step, status }) => {
  const { line } = step.fields;
  if (!line || status !== 200) return;
  if (!find(`.line[data-id="${line}"] .edit`)) dropDraft(line);
});
