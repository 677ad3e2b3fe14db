// What the modules of the browser share: what they hand to each other, the events they dispatch, and the libraries in `window`.

export interface Point {
  x: number;
  y: number;
}

/** Four corners, clockwise from where the text begins, in fractions of the image. */
export type Polygon = Point[];

export interface Box {
  left: number;
  top: number;
  right: number;
  bottom: number;
}

export type PhotoHint = 'blurred' | 'small';

export interface AddOptions {
  name?: string;
  hint?: PhotoHint;
  /** Whether it was looked at already: then `hint` says what came of it. */
  isChecked?: boolean;
}

/** A file in the list of uploads. */
export interface ListedFile {
  id: string;
  name: string;
  /** In bytes, as `sent`. */
  size: number;
  sent: number;
  status: 'waiting' | 'sending' | 'done' | 'refused';
  batch?: number;
  reason?: string;
  mayRetry?: boolean;
  isOffline?: boolean;
  isSignedOut?: boolean;
  /** Whether it waits for the connection. */
  isHeld?: boolean;
  hint?: PhotoHint;
  /** Of `performance.now()`. */
  beganAt?: number;
  /** Until it is accepted. */
  file?: Blob;
  controller?: AbortController;
}

/** A file that is to be sent. */
export interface QueuedFile extends ListedFile {
  file: Blob;
  key: string;
  begunAt: string;
  upload?: PresignedUpload;
}

export interface PresignedUpload {
  id: string;
  url: string;
  method: string;
  headers: Record<string, string>;
  isSent?: boolean;
}

export interface Batch {
  number: number;
  beganAt: number;
}

export type FileChange =
  | 'added'
  | 'progress'
  | 'waiting'
  | 'done'
  | 'refused'
  | 'removed'
  | 'cancelled'
  | 'hint';

/** What is being written in a line, and what it is based on. */
export interface Draft {
  text: string;
  seen?: string;
  /** Of a line that was added by hand. */
  isAdded?: boolean;
  polygon?: Polygon;
  rotation?: string;
  /** Of a word: which of its line, what it read, what is typed. */
  place?: number;
  read?: string;
  typed?: string;
}

/** What a person did to a line, as the fields of a form. */
export interface Step {
  fields: Record<string, string>;
  /** The number of the line that shows it. */
  line?: string;
  said?: string;
}

export interface StepAnswer {
  /** 0: whether it arrived is not known. */
  status: number;
  message?: string;
  isSignedOut?: boolean;
  /** The lines that changed, as the server renders them. */
  update?: HTMLElement;
  /** Their numbers. */
  lines?: string[];
}

interface HtmxEvent extends CustomEvent {
  detail: { ctx?: { response?: { status: number }; text?: string } };
}

declare global {
  interface DocumentEventMap {
    'htmx:before:request': HtmxEvent;
    'htmx:before:swap': HtmxEvent;
    'htmx:after:swap': HtmxEvent;
    'htmx:error': HtmxEvent;
    'htmx:response:error': HtmxEvent;
    'keys:changed': CustomEvent<null>;
    'review:scan': CustomEvent<{ turned: number }>;
    'review:all': CustomEvent<{ lineId?: string }>;
    'review:line': CustomEvent<{ line: HTMLElement }>;
    'review:again': CustomEvent<null>;
    'review:leave': CustomEvent<null>;
    'access:lost': CustomEvent<null>;
  }

  interface Window {
    /** htmx 4, which not every page loads. */
    htmx?: {
      ajax(method: string, url: string, options: { target: string; swap: string }): Promise<void>;
      process(element: Element, isForced?: boolean): void;
    };
    /** SortableJS, once it is loaded. */
    Sortable?: {
      get(element: HTMLElement): Sortable | undefined;
      create(element: HTMLElement, options: object): Sortable;
    };
  }

  interface Sortable {
    el: HTMLElement;
  }

  interface Navigator {
    /** User-Agent Client Hints, in Chromium. */
    userAgentData?: { mobile: boolean };
  }
}
