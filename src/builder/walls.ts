import { type BoxReport, probeBoxes } from '../sandbox/index.ts';

const found = new Map<string, Promise<BoxReport>>();

/**
 * What stands between a build and this machine: boxes, where one can be really started, and otherwise nothing but a process of its own.
 * A machine that has them is asked once; one that has none may have them by the next build.
 *
 * @param home `TABBIFY_HOME`
 */
export async function wallsFor(home: string): Promise<BoxReport> {
  const asked = found.get(home) ?? probeBoxes({ home });
  found.set(home, asked);
  const report = await asked;
  if (!report.possible) found.delete(home);
  return report;
}
