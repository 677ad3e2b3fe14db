// The keys of a text of any length, without holding up other requests.
import { takeTurns } from '../runtime/short-turns.ts';
import { addKeys } from './words.ts';

export async function gatherKeys(text: string): Promise<Set<string>> {
  const keys = new Set<string>();
  const takeTurn = takeTurns();
  const lines = text.split('\n');
  for (const [at, line] of lines.entries()) {
    await takeTurn();
    if (!addKeys(keys, line, lines[at + 1])) break;
  }
  return keys;
}
