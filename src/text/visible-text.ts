/**
 * Invisible characters: spaces, controls, directions, joiners and variation selectors (Unicode's default-ignorables),
 * Hangul fillers, the blank Braille pattern, and combining marks without a base letter.
 */
const invisible = /[\p{Z}\p{Cc}\p{Cf}\p{Cs}\p{Cn}\p{M}\p{Default_Ignorable_Code_Point}\u2800]/gu;

/** Whether a text has visible characters. An invisible name can neither be read nor told from another. */
export function hasVisibleText(text: string): boolean {
  return text.replace(invisible, '') !== '';
}
