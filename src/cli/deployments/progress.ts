import type { DeploymentPhase } from '../client/replies.ts';
import type { DeploymentView } from './deployment-view.ts';

/** Work that comes before a deployment is asked for, in words. */
export interface WorkBefore {
  /** One that is asked again and again says how far it is. */
  readonly doing: string | (() => string);
  readonly done: string;
  /** Of work in the middle of a deployment: it is done when this phase is over. Default: when it was asked for. */
  readonly until?: DeploymentPhase;
}

export function doingText({ doing }: WorkBefore): string {
  return typeof doing === 'string' ? doing : doing();
}

/** Shows how a deployment goes, on stderr. */
export interface DeploymentDrawing {
  show(view: DeploymentView): void;
  /** For how long the office has not answered (milliseconds); null: it answers again. */
  away(forMs: number | null): void;
  /** Nothing more comes; the last picture stays. `left`: nobody looks at it any more, it goes on. */
  end(how: 'done' | 'failed' | 'left'): Promise<void>;
}

/** One that a person may be asked something in the middle of. */
export interface DeploymentProgress extends DeploymentDrawing {
  /** Draws nothing more, until `resume`. */
  pause(): Promise<void>;
  /** @param before goes on until the next `show` */
  resume(before: WorkBefore): void;
}
