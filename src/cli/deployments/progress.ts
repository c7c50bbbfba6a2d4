import type { DeploymentView } from './deployment-view.ts';

/** Work that comes before a deployment is asked for, in words. */
export interface WorkBefore {
  readonly doing: string;
  readonly done: string;
}

/** Shows how a deployment goes, on stderr. */
export interface DeploymentProgress {
  show(view: DeploymentView): void;
  /** For how long the office has not answered (milliseconds); null: it answers again. */
  away(forMs: number | null): void;
  /** Nothing more comes; the last picture stays. `left`: nobody looks at it any more, it goes on. */
  end(how: 'done' | 'failed' | 'left'): Promise<void>;
}
