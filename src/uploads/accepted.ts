import type { Import } from '../imports/import.ts';
import type { Page } from '../pages/page.ts';

/** What an upload became. */
export interface Accepted {
  pages: Page[];
  imports: Import[];
}

export function describeAccepted({ pages, imports }: Accepted): {
  pageId?: string;
  fileName?: string;
  detail?: string;
} {
  const [first] = pages;
  if (first && pages.length === 1 && imports.length === 0)
    return { pageId: first.id, fileName: first.fileName };
  const say = (noun: string, records: { id: string }[]) =>
    `${records.length} ${noun}${records.length === 1 ? '' : 's'}: ${records.map(({ id }) => id).join(' ')}`;
  const parts = [
    ...(pages.length > 0 ? [say('page', pages)] : []),
    ...(imports.length > 0 ? [say('file', imports)] : []),
  ];
  return { detail: parts.join('; ') };
}
