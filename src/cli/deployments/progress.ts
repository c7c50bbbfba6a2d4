import type { DeploymentView } from './deployment-view.ts';

/** Work that comes before a deployment is asked for, in words. */
export interface WorkBefore {
  /** One that is asked again and again says how far it is. */
  readonly doing: string | (() => string);
  readonly done: string;
}

export function doingText({ doing }: WorkBefore): string {
  return typeof doing === 'string' ? doing : doing();
}

/** Shows how a deployment goes, on stderr. */
export interface DeploymentProgress {
  show(view: DeploymentView): void;
  /** For how long the office has not answered (milliseconds); null: it answers again. */
  away(forMs: number | null): void;
  /** Nothing more comes; the last picture stays. `left`: nobody looks at it any more, it goes on. */
  end(how: 'done' | 'failed' | 'left'): Promise<void>;
}
