// A search result.
import type { Project } from '../projects/project.ts';
import type { Language } from '../text/languages.ts';

export interface Hit {
  project: Project;
  /** Missing when the project's name matched. */
  page?: {
    id: string;
    fileName: string;
    /** Its number in the project; missing when the page has just been deleted. */
    number?: number;
    /** Which page of that file, when the file has several. */
    pageOfFile?: number;
    revision: number;
    rotation: number;
    /** What its text is written in, as far as it could be told. */
    language?: Language;
    straightened?: number;
    hasThumbnail: boolean;
  };
  /** The best matching line, split into hits and the text between. */
  line: { text: string; found: boolean }[];
  /** How many more lines of the page match. */
  moreLines: number;
}

export interface SearchResult {
  items: Hit[];
  cursor?: string;
  /** The number of results, if counted: `atLeast` that many, and exactly that many when `isAll`. */
  count?: { atLeast: number; isAll: boolean };
  /** Not everything was searched: a further word narrows the search. */
  isCut: boolean;
}
