import type { SupervisorPoint } from '../../../src/supervisor/index.ts';
import { type Arrangement, isAlive, type TestOffice } from '../../e2e/office.ts';
import { type Started, start } from '../../e2e/process.ts';
import { until } from '../until.ts';

/** Who is killed. In the arrangement `up` all of them are one process. */
export type Victim = 'supervisor' | 'node' | 'both';

/** The processes of an office, which die and come back one by one. */
export interface Place {
  readonly arrangement: Arrangement;
  /** Lets the office be there whole. */
  open(): Promise<void>;
  kill(victim: Victim): Promise<void>;
  revive(victim: Victim): Promise<void>;
  /** Puts a supervisor in the place of the one that was killed, which dies at a point. */
  reviveUpTo(point: SupervisorPoint, passes: number): Promise<void>;
  /** Resolves with true when that one has died by itself, with false when it did not within the time. */
  hasDied(timeoutMs: number): Promise<boolean>;
}

const READY = /http:\/\/127\.0\.0\.1:\d+/;

export function placeOf(office: TestOffice): Place {
  const { arrangement } = office;
  const isUp = arrangement === 'up';
  let supervisor: Started | null = null;

  async function startSupervisor(): Promise<void> {
    supervisor = start('bin/tabbify.mjs', ['supervisor'], office.env);
    office.processes.push(supervisor);
    await supervisor.printed(READY);
  }

  async function killSupervisor(): Promise<void> {
    await supervisor?.end('SIGKILL');
    office.processes = office.processes.filter((each) => each !== supervisor);
  }

  return {
    arrangement,
    async open() {
      await office.reopenNode();
      if (!isUp) await startSupervisor();
    },
    async kill(victim) {
      const dying = victim === 'supervisor' && !isUp ? [] : [office.killNode()];
      if (!isUp && victim !== 'node') dying.push(killSupervisor());
      await Promise.all(dying);
    },
    async revive(victim) {
      if (isUp || victim !== 'supervisor') await office.reopenNode();
      if (!isUp && victim !== 'node') await startSupervisor();
    },
    async reviveUpTo(point, passes) {
      const args = [office.home, office.url, point, String(passes)];
      supervisor = start('test/drill/adopt/supervisor-at-point.ts', args, office.env);
      office.processes.push(supervisor);
      await supervisor.printed(READY).catch(() => {}); // it may not come so far
    },
    async hasDied(timeoutMs) {
      const { pid } = supervisor ?? { pid: 0 };
      return until('it dies', async () => !(await isAlive(pid)), timeoutMs).then(
        () => true,
        () => false,
      );
    },
  };
}
