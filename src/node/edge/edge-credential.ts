import type { Principal } from '../credentials/principal.ts';
import type { EdgeApp } from './app-directory.ts';

/** What a credential is to a private app: `foreign` when the app is of an office that it has no part in. */
export type Standing = 'opens' | 'closed' | 'foreign';

/** A credential of ours that came with a request; no app ever sees it. */
export interface EdgeCredential {
  /** Null: it has our form and belongs to nobody, or to nobody any more. */
  readonly principal: Principal | null;
  /** Aborts when it ends. */
  readonly ended: AbortSignal;
  standing(app: EdgeApp): Standing;
}
