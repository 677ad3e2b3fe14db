// The forms of the review: what they may hold, what they change, and what is said afterwards.
import * as z from 'zod';
import type { ShownAs } from '../pages/turning.ts';
import { readPlaces } from '../text/acceptance.ts';
import type { Rotation } from '../text/rotated-polygons.ts';
import { readWordId } from '../text/word-id.ts';
import type { PageChanges } from './page-changes.ts';
import { drawnPolygon, lineText } from './review.api.ts';

const actions = [
  'save',
  'word',
  'accept-all',
  'as-detected',
  'remove',
  'undo',
  'keep',
  'reviewed',
  'not-reviewed',
] as const;

/**
 * `save` is for a line that was checked as a whole, `word` for a line with one changed word, `accept-all` for the unsure
 * words of a line or page that the person saw.
 */
export const reviewForm = z.object({
  revision: z.coerce.number().int(),
  do: z.enum(actions).optional(),
  line: z.string().max(40).optional(),
  text: lineText.optional(),
  seen: lineText.optional(),
  accept: z.string().max(50).optional(),
  doubt: z.string().max(50).optional(),
  words: z
    .string()
    .max(100_000)
    .regex(/^[a-z0-9. ]*$/i)
    .transform(readPlaces)
    .optional(),
  /** Of a line added by hand, as JSON, in the orientation given by `rotation`. */
  polygon: z
    .string()
    .max(1000)
    .optional()
    .transform((json) => (json ? drawnPolygon.parse(readJson(json)) : undefined)),
  rotation: z.enum(['0', '90', '180', '270']).optional(),
  straightened: z.enum(['true', 'false']).optional(),
  confirmed: z.literal('yes').optional(),
  fragment: z.literal('yes').optional(),
});

export type ReviewForm = z.infer<typeof reviewForm>;

export const straightenForm = z.object({
  revision: z.coerce.number().int(),
  straightened: z.enum(['true', 'false']),
});

export const rotateForm = z.object({
  revision: z.coerce.number().int(),
  rotation: z.enum(['0', '90', '180', '270']),
  fragment: z.literal('yes').optional(),
});

const notices: Record<string, string> = {
  saved: 'Saved.',
  accepted: 'Accepted.',
  detected: 'Original restored.',
  removed: 'Line removed.',
  undone: 'Undone.',
  reviewed: 'Marked as reviewed.',
  'not-reviewed': 'Review undone.',
  next: 'Marked as reviewed. This is the next page.',
};

/** The sentence of a notice in a query; `undefined` for any other. */
export function noticeNamed(name: unknown): string | undefined {
  return typeof name === 'string' && Object.hasOwn(notices, name) ? notices[name] : undefined;
}

/** How the image was shown when a polygon was drawn. */
export function drawnAtOf({
  rotation,
  straightened,
}: Pick<ReviewForm, 'rotation' | 'straightened'>): ShownAs {
  if (rotation === undefined) return {};
  return { rotation: Number(rotation) as Rotation, straightened: straightened === 'true' };
}

export function changesOf(form: ReviewForm): PageChanges {
  const { revision, line, text = '', seen, polygon, rotation } = form;
  const before = {
    ...(seen === undefined ? {} : { seen }),
    ...(polygon ? { polygon } : {}),
  };
  const change = (what: object) => ({
    revision,
    ...(rotation ? { drawnAt: drawnAtOf(form) } : {}),
    ...(line ? { lines: { [line]: { ...what, ...before } } } : {}),
  });
  if (form.accept) return { revision, words: { [form.accept]: true } };
  if (form.doubt) return { revision, words: { [form.doubt]: false } };
  switch (form.do) {
    case 'save':
      return change({ text: text.trim(), accepted: true });
    case 'word':
      return change({ text: text.trim() });
    case 'as-detected':
    case 'remove':
      return change({ text: null });
    case 'accept-all':
      return { revision, accept: form.words ?? {} };
    case 'undo':
      return { revision, undo: true };
    case 'reviewed':
      return { revision, reviewed: true, onlyIfChecked: !form.confirmed };
    case 'not-reviewed':
      return { revision, reviewed: false };
    default:
      return { revision };
  }
}

/** `undefined` for invalid JSON, which the schema then rejects. */
function readJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** The lines that a form is about. */
export function lineIdsOf({ line, accept, doubt, words = {} }: ReviewForm): string[] {
  const word = accept ?? doubt;
  return [...(line ? [line] : []), ...(word ? [readWordId(word).lineId] : []), ...Object.keys(words)];
}

/** Names the result of the form's action in the query of the page that follows. */
export function noticeOf(form: ReviewForm): string {
  if (form.accept) return 'notice=accepted';
  const said = {
    save: 'saved',
    word: 'saved',
    'accept-all': 'accepted',
    'as-detected': 'detected',
    remove: 'removed',
    undo: 'undone',
  } as Record<string, string>;
  const notice = form.do && (said[form.do] ?? form.do);
  return notice && Object.hasOwn(notices, notice) ? `notice=${notice}` : '';
}
