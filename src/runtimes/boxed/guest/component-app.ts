import type { RequestListener } from 'node:http';
import type { SecretFiles } from '../../runtime.ts';
import type { ComponentProgram, GuestMessage } from '../protocol.ts';

/** What a guest gives to the program that runs components (`GUEST_PROGRAMS.component`). */
export interface ComponentOrder {
  readonly program: ComponentProgram;
  /** The app's whole environment. */
  readonly env: Readonly<Record<string, string>>;
  /** What it finds in `/run/secrets`. */
  readonly secretFiles: SecretFiles;
  /** Folder with its files. */
  readonly shelf: string;
  /** What an engine loads; null: the component has the app. */
  readonly source: Uint8Array | null;
  /** Socket of its way out. */
  readonly channelPath: string;
  readonly say: (message: GuestMessage) => Promise<void>;
}

/** A component that can be asked. */
export interface ComponentApp {
  readonly answer: RequestListener;
  /** Why it could not serve; null when it could. */
  health(): Promise<string | null>;
}

/** What that program exports, as `serveComponent`. @throws whatever keeps the component from starting */
export type ServeComponent = (order: ComponentOrder) => Promise<ComponentApp>;
