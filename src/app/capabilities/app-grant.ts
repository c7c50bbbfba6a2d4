/**
 * What an app may do, as it is said to its host: what its version asks for and a person has granted. Nothing else leads out of the
 * app's box; field names are those of the wire.
 */
export interface AppGrant {
  /** Entries of `http_allow_list`, without those that name apps. */
  readonly http: readonly string[];
  /** Other apps of the office that it may call, under the name it calls them by; the grant is for the app of this id. */
  readonly apps: readonly { readonly name: string; readonly id: string }[];
  /** By what the node knows its calls to them; the app never sees it. Nodes of the version before say none. */
  readonly call_key?: string | undefined;
  /** Values that its instances are given. */
  readonly secrets: readonly GrantedSecret[];
  /** Names of secrets that its version requires and that were taken back: without them it does not start. */
  readonly withheld?: readonly string[] | undefined;
}

export interface GrantedSecret {
  readonly name: string;
  /** Variable that has the value, or the path of the file that does. */
  readonly env_var: string;
  /** Without its value the app does not start. */
  readonly required: boolean;
}

/** Of an app that nobody has granted anything. */
export const NO_GRANT: AppGrant = { http: [], apps: [], secrets: [] };
