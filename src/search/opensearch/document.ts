// A text as OpenSearch holds it.
import { type DefaultLanguages, withLanguage } from '../../pages/language-of-page.ts';
import { organisationOf } from '../../people/organisation.ts';
import { toProject } from '../../projects/project-item.ts';
import { takeTurns } from '../../runtime/short-turns.ts';
import { cut } from '../chunks.ts';
import type { IndexedText } from '../indexed-texts.store.ts';
import { type Indexed, versionOf } from '../posting.ts';
import { gatherKeys } from '../text-keys.ts';
import { stemField } from './index-settings.ts';

export const documentId = ({ projectId, pageId }: Indexed): string => pageId ?? projectId;

/** The document of a text; `project` is its project's item. */
export async function buildDocument(
  what: Indexed,
  project: Record<string, unknown>,
  { text, page }: IndexedText,
  defaults: DefaultLanguages,
): Promise<object> {
  const language = page && withLanguage(page, { project: toProject(project), defaults, text }).language;
  const fileKeys = page ? await gatherKeys(page.fileName) : [];
  return {
    id: documentId(what),
    organisationId: organisationOf(project),
    ownerId: project.ownerId,
    projectId: what.projectId,
    isPage: page !== undefined,
    ...(page ? { pageId: page.id, textId: versionOf(page), fileKeys: [...fileKeys].join(' ') } : {}),
    words: await foldWords(text),
    keys: [...(await gatherKeys(text))].join(' '),
    ...(language ? { language, [stemField(language)]: text } : {}),
  };
}

/** The words of a text in their order, each as a query's word is folded. */
async function foldWords(text: string): Promise<string> {
  const words: string[] = [];
  const takeTurn = takeTurns();
  for (const line of text.split('\n')) {
    await takeTurn();
    for (const { forms } of cut(line)) words.push(forms[0]?.folded ?? '');
  }
  return words.join(' ');
}
