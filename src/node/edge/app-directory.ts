import type { Endpoint } from '../../kit/index.ts';

/** The static files of the version in place, as the state knows them. One value a version, however often it is asked for. */
export interface ServedFiles {
  /** Where the version's files lie in the object store. */
  readonly prefix: string;
  /** Of the version. */
  readonly digest: string;
  /** Folder of the version that is served. */
  readonly folder: string;
  /** There is no app behind them. */
  readonly alone: boolean;
  /** RFC 3339. */
  readonly publishedAt: string;
}

/** What the edge has to know of an app to serve it. */
export interface EdgeApp {
  readonly id: string;
  /** First label of its host mount; unique in its office only. */
  readonly slug: string;
  /** Slug of the office it belongs to. */
  readonly office: string;
  readonly visibility: 'private' | 'public';
  /** Static files that are in place; without them all goes to the app. */
  readonly files?: ServedFiles | null;
}

/** A place where an app answers now. `generation` tells it from the one that replaced it. */
export interface EdgeEndpoint {
  readonly endpoint: Endpoint;
  /** Sent with every request in `RUNNER_KEY_HEADER`; empty: not sent. */
  readonly runnerKey: string;
  readonly generation: number;
}

/** One of the places that visitors of an app are sent to. */
export interface EdgePlace {
  readonly name: string;
  /** It runs there, or is to run there unasked: to ask where it answers starts nothing that would not run anyway. */
  readonly awake: boolean;
}

/** Where apps are. */
export interface AppPlaces {
  /** The one to be woken first in front. */
  of(app: string): readonly EdgePlace[];
  /** What a visitor is told while there is none. */
  nowhere(app: string): Error;
  /** Starts the app there if need be and says where it answers. Rejects with what the visitor shall be told. */
  wake(app: string, place: string): Promise<EdgeEndpoint>;
}

/** The apps of all offices as the edge sees them; read on every request, so it must answer from memory. */
export interface AppDirectory {
  byId(id: string): EdgeApp | undefined;
  bySlug(slug: string, office: string): EdgeApp | undefined;
}
