/** How large a corpus is, in the things that its office has. */
export interface CorpusPlan {
  readonly events: number;
  readonly apps: number;
  readonly deployments: number;
  readonly credentials: number;
}

/** The corpus that figures are given for. */
export const CORPUS_EVENTS = 1_000_000;

/** 200 apps, 20,000 deployments and 400 credentials in a million events; in proportion for fewer. */
export function planFor(events: number): CorpusPlan {
  const apps = Math.max(3, Math.round(events / 5000));
  return { events, apps, deployments: Math.max(apps, Math.round(events / 50)), credentials: apps * 2 };
}
