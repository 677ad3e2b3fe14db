// From the recognition model's output to letters and words: connectionist temporal classification, one class a step, where the
// class 0 is "no letter" and the last one is the space.

export interface Steps {
  /** For each step the most likely class, its probability and that of the space. */
  classes: Int32Array;
  probabilities: Float32Array;
  spaces: Float32Array;
  /** The probability of any class at a step. */
  probabilityOf(step: number, value: number): number;
}

export interface Letter {
  text: string;
  probability: number;
  /** The steps at which it begins and ends, and at which it is most likely. */
  from: number;
  to: number;
  peak: number;
}

/**
 * The sum of the space's probabilities between two letters that parts them into two words. The model knows where spaces are, but
 * "no letter" is nearly always likelier.
 */
const spaceFrom = 0.06;

/** The most likely class of each step. */
export function readSteps(output: { data: Float32Array; dims: readonly number[] }): Steps {
  const [, count = 0, classCount = 0] = output.dims;
  const { data } = output;
  const steps: Steps = {
    classes: new Int32Array(count),
    probabilities: new Float32Array(count),
    spaces: new Float32Array(count),
    probabilityOf: (step, value) => data[step * classCount + value] ?? 0,
  };
  for (let step = 0; step < count; step++) {
    const start = step * classCount;
    let best = 0;
    for (let i = 1; i < classCount; i++) {
      if ((data[start + i] as number) > (data[start + best] as number)) best = i;
    }
    steps.classes[step] = best;
    steps.probabilities[step] = data[start + best] as number;
    steps.spaces[step] = data[start + classCount - 1] as number;
  }
  return steps;
}

/** The letters, without spaces; the same class at successive steps is one letter. */
export function lettersOf(steps: Steps, alphabet: readonly string[]): Letter[] {
  const letters: Letter[] = [];
  let previous = 0;
  for (const [step, value] of steps.classes.entries()) {
    const probability = steps.probabilities[step] as number;
    const letter = letters.at(-1);
    if (value !== 0 && value === previous && letter) {
      letter.to = step;
      if (probability > letter.probability) Object.assign(letter, { probability, peak: step });
    } else if (value !== 0) {
      letters.push({ text: alphabet[value] ?? '', probability, from: step, to: step, peak: step });
    }
    previous = value;
  }
  return letters.filter(({ text }) => text.trim() !== '');
}

/** Digits that look like letters. */
const lookalikes: Record<string, string> = { o: '0', O: '0', l: '1', I: '1' };
const possibleFrom = 0.005;

/** Among digits alone, a letter that looks like a digit is one, if the model finds it possible. */
export function preferDigits(word: Letter[], steps: Steps, alphabet: readonly string[]): Letter[] {
  const isNumber =
    word.some(({ text }) => isDigit(text)) && word.every(({ text }) => !isLetter(text) || text in lookalikes);
  if (!isNumber) return word;
  return word.map((letter) => {
    const digit = lookalikes[letter.text];
    if (!digit) return letter;
    const probability = steps.probabilityOf(letter.peak, alphabet.indexOf(digit));
    return probability >= possibleFrom
      ? { ...letter, text: digit, probability: letter.probability + probability }
      : letter;
  });
}

function isDigit(text: string): boolean {
  return /^\p{Nd}$/u.test(text);
}

function isLetter(text: string): boolean {
  return /^\p{L}$/u.test(text);
}

/** Letters between which there is no space. */
export function wordsOf(letters: Letter[], { spaces }: Steps): Letter[][] {
  const words: Letter[][] = [];
  for (const [i, letter] of letters.entries()) {
    const before = letters[i - 1];
    const space = before
      ? spaces.subarray(before.to, letter.from + 1).reduce((sum, value) => sum + value, 0)
      : 1;
    if (space > spaceFrom) words.push([letter]);
    else words.at(-1)?.push(letter);
  }
  return words;
}
