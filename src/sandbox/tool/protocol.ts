/** What the launcher is told, as one line of JSON. */
export interface Launch {
  /** The tool and its arguments, paths in the box. */
  readonly argv: readonly string[];
  /** All of the tool's environment. */
  readonly env: Readonly<Record<string, string>>;
  /** Folder it starts in. */
  readonly folder: string;
  /** TCP port on 127.0.0.1 that leads to the socket of the channel; null: there is no channel. */
  readonly bridge: { readonly port: number; readonly channel: string } | null;
}

/** What the launcher says once, as one line of JSON; it runs beside the tool, which could say the same. */
export type Launched =
  | { readonly code: number | null; readonly signal: NodeJS.Signals | null }
  /** The tool could not be started. */
  | { readonly failed: string };

/** Descriptors behind standard input, output and errors. */
export const TOOL_FDS = {
  /** Of the tool: whatever it writes there, line by line. */
  messages: 3,
  /** Of the launcher: the above. */
  orders: 4,
} as const;
