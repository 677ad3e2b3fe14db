// What a search finds.
import type { Project } from '../projects/project.ts';

export interface Hit {
  project: Project;
  /** Not there when the project's name was found. */
  page?: {
    id: string;
    fileName: string;
    /** Its number in the project; not there when the page went from its place just now. */
    number?: number;
    /** Which page of that file it is, where the file has several. */
    pageOfFile?: number;
    revision: number;
    rotation: number;
    hasThumbnail: boolean;
  };
  /** The line that holds most of what was looked for, cut into what was found and what lies between. */
  line: { text: string; found: boolean }[];
  /** How many more lines of the page hold some of it. */
  moreLines: number;
}

export interface SearchResult {
  items: Hit[];
  cursor?: string;
  /** How many results there are, where they were counted. They are `atLeast` so many, and no more when `isAll`. */
  count?: { atLeast: number; isAll: boolean };
  /** There may be more than was looked through: another word makes the search sharper. */
  isCut: boolean;
}
