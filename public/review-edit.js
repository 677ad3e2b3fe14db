// Lines and words that are written in where they stand: an input takes their place, and the image goes on showing the word.
import { dropDraft, keepDraft } from './review-draft.js';
import { onAnswer, send, swap } from './review-save.js';

const numberOf = (element) => element.closest('.line').dataset.line;

/** An input in the place of `element`. `done` gets what was written, or nothing when it was given up. */
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

/** What the line reads with `text` in the place of a word. */
function lineWith(line, word, text) {
  const parts = [...line.querySelector('.line-text').childNodes];
  const written = parts.map((part) => (part === word ? text : part.textContent)).join('');
  return text === '' ? written.replace(/\s+/g, ' ').trim() : written;
}

/** Puts a text in the place of a word; none at all takes it away. */
export function writeWord(word, written) {
  const line = word.closest('.line');
  const text = lineWith(line, word, written);
  const fields = { do: 'word', line: line.dataset.id, text, seen: line.dataset.text };
  const said = written ? `Corrected to “${written}”` : `Removed “${word.textContent}”`;
  showWritten(line, text);
  word.textContent = written;
  word.classList.remove('doubt');
  word.classList.add('corrected');
  send(fields, { line: line.dataset.line, said });
}

/** Lets a word be written anew. `after(key)` is called when it is over, with the key that ended it. */
export function editWord(word, after, draft) {
  const line = word.closest('.line');
  const read = word.textContent;
  const place = [...line.querySelectorAll('.word')].indexOf(word);
  const [id, seen] = [line.dataset.id, line.dataset.text];
  const parts = [...line.querySelector('.line-text').childNodes].map((part) => [
    part === word,
    part.textContent,
  ]);
  const lineWithTyped = (typed) => parts.map(([isWord, text]) => (isWord ? typed : text)).join('');
  openInput(word, {
    value: read,
    typed: draft?.typed,
    onTyped: (typed) => keepDraft(id, { place, read, typed, seen, text: lineWithTyped(typed) }),
    onGivenUp: () => dropDraft(id),
    label: `Word in line ${numberOf(word)}`,
    hint: word.title,
    done(written, key) {
      if (written !== undefined && written !== read) writeWord(word, written);
      else if (written !== undefined && word.classList.contains('doubt')) accept(word);
      after(key);
      swap(line.dataset.line); // takes the focus along
    },
  });
}

/** Lets a whole line be written anew; nothing in it is in doubt afterwards. */
export function editLine(line, after, draft) {
  const shown = line.querySelector('.line-text');
  if (!shown) return;
  const read = line.dataset.text;
  const { id } = line.dataset;
  const seen = draft?.seen ?? read;
  openInput(shown, {
    value: read,
    typed: draft?.text,
    onTyped: (typed) => keepDraft(id, { seen, text: typed }),
    onGivenUp: () => dropDraft(id),
    label: `Text of line ${line.dataset.line}`,
    hint: `Detected: ${line.dataset.detected}`,
    done(written, key) {
      const isRead = written !== undefined && (written !== read || line.querySelector('.doubt'));
      if (isRead) {
        const fields = { do: 'save', line: id, text: written, seen };
        if (written !== read) {
          shown.textContent = written;
          showWritten(line, written);
        }
        for (const word of line.querySelectorAll('.word.doubt')) word.classList.remove('doubt');
        send(fields, { line: line.dataset.line, said: 'Line saved' });
      }
      swap(line.dataset.line);
      after(key);
    },
  });
}

/** The word is right as it is. */
export function accept(word) {
  word.classList.remove('doubt');
  for (const box of document.querySelectorAll(`.box[data-word="${word.dataset.word}"]`))
    box.classList.remove('doubt');
  send({ accept: word.dataset.id }, { line: numberOf(word), said: `Accepted “${word.textContent}”` });
}

/** Back to what was detected. */
export function revert(line) {
  if (!('corrected' in line.dataset) && !('accepted' in line.dataset)) return false;
  const fields = { do: 'as-detected', line: line.dataset.id, seen: line.dataset.text };
  line.querySelector('.line-text').textContent = line.dataset.detected;
  line.ariaBusy = 'true'; // its words come with the answer
  showWritten(line, line.dataset.detected);
  send(fields, {
    line: line.dataset.line,
    said: line.matches('.is-added') ? 'Line removed' : 'Original restored',
  });
  return true;
}

/** What comes next is based on what was written, before the server has said so. */
function showWritten(line, text) {
  line.dataset.text = text;
}

// saved: nothing is left to be kept, unless somebody is writing in that line again
onAnswer(({ step, status }) => {
  const { line } = step.fields;
  if (!line || status !== 200) return;
  if (!document.querySelector(`.line[data-id="${line}"] .edit`)) dropDraft(line);
});
