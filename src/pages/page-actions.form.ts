// The form of the actions on pages.
import * as z from 'zod';
import { ulid } from '../ids.ts';
import { assigneeField } from './assignment.form.ts';

/** The limit of pages in one request. */
const maxAtOnce = 1000;

const pressedButton = z
  .string()
  .regex(
    /^(?:rotate-left|rotate-right|undo-turn|straighten|undo-straighten|read-image|read-pdf-text|delete|move|assign|unassign|retry|retry-untouched|enter)(?::[0-9A-Z]{26})?$/,
  );
export const position = z.coerce.number().int().min(1).max(100_000);

const batchForm = z.looseObject({
  do: pressedButton,
  page: z
    .preprocess(
      (given) => (given === undefined ? [] : [given].flat()),
      z.array(ulid).max(maxAtOnce, `Select ${maxAtOnce} pages or fewer.`),
    )
    .optional(),
  number: z.string().optional(),
  /** For `assign`. */
  assignee: assigneeField,
  fragment: z.literal('yes').optional(),
});

/** Which action on which pages: on the selected ones, or on the one that the pressed button names. */
export function readBatch(body: unknown) {
  const { do: pressed, page = [], number, ...fields } = batchForm.parse(body);
  const [action, one] = pressed.split(':');
  if (action !== 'enter')
    return { ...fields, action, pageIds: one ? [one] : page, to: one ? fields[`to-${one}`] : number };
  // the Enter key in a field presses no button; then the filled field decides
  const [name = '', to] = Object.entries(fields).find(([key, value]) => /^to-./.test(key) && value) ?? [];
  return name
    ? { ...fields, action: 'move', pageIds: [name.slice(3)], to }
    : { ...fields, action: number ? 'move' : 'nothing', pageIds: page, to: number };
}
