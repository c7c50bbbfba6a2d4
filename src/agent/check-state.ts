import type { CheckReport, Platform } from './platform.ts';
import type { Workspace } from './workspace/workspace.ts';

/** Counts checks, so that what is pushed has been checked as it stands and repairs are bounded. */
export interface CheckState {
  /** The platform's check, counted. */
  readonly check: Platform['check'];
  /** The files have not changed since a check found them right. */
  isRight(): boolean;
  failures(): number;
  /** What the last failed check said. */
  lastComplaint(): string;
}

export function createCheckState(check: Platform['check'], workspace: Workspace): CheckState {
  let rightAt: number | null = null;
  let failures = 0;
  let complaint = '';
  return {
    async check(dir, signal): Promise<CheckReport> {
      const revision = workspace.revision();
      const report = await check(dir, signal);
      if (report.ok) {
        rightAt = revision;
      } else {
        failures += 1;
        complaint = report.text;
      }
      return report;
    },
    isRight: () => rightAt === workspace.revision(),
    failures: () => failures,
    lastComplaint: () => complaint,
  };
}
