import type { IncomingMessage, ServerResponse } from 'node:http';
import type { TabbifyError } from '../../kit/index.ts';
import type { ServedFiles } from './app-directory.ts';
import type { Admission } from './exchange.ts';

/** A GET or a HEAD of an app that has static files. */
export interface FileVisit {
  /** UUID of the app. */
  readonly app: string;
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly files: ServedFiles;
  /** The path as the app sees it, query included. */
  readonly target: string;
  /** `/app/<uuid>`; null on the app's own host. */
  readonly prefix: string | null;
  readonly underPathMount: boolean;
  readonly isPrivate: boolean;
  /** Alternating names and values of the request, as they may go on to an app. */
  readonly headers: readonly string[];
  /** Null: everybody may. */
  readonly admission: Admission | null;
  /** It names no file, and there is an app to ask. */
  readonly otherwise: () => void;
  readonly refuse: (error: unknown) => void;
  readonly credentialEnded: () => TabbifyError;
}

/** Where static files come from. */
export interface StaticFiles {
  /** Answers with the file that is named, at once or later. Must not throw. */
  answer(visit: FileVisit): void;
}
