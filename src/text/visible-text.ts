/**
 * What shows nothing: spaces, controls, directions, joiners and variation selectors (all that Unicode lets fonts ignore), the
 * fillers of Hangul, the empty pattern of Braille, and marks without a letter to stand on.
 */
const invisible = /[\p{Z}\p{Cc}\p{Cf}\p{Cs}\p{Cn}\p{M}\p{Default_Ignorable_Code_Point}\u2800]/gu;

/** Whether people see anything of a text: a name of invisible characters alone can neither be read nor told from another. */
export function hasVisibleText(text: string): boolean {
  return text.replace(invisible, '') !== '';
}
