import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { describe, expect, it, onTestFinished } from 'vitest';
import { skipWithout } from '../../../test/requirements.ts';
import { startChild } from '../../kit/index.ts';
import { findPrograms } from '../launch/programs.ts';
import { startOf } from '../testing/as-ordinary-user.ts';
import { temporaryHome } from '../testing/box-of.ts';
import type { Order, Outcome } from '../testing/orders.ts';

/** Milliseconds after the start; null: when it runs, and is as it must be. */
const MOMENTS = [0, 1, 2, 5, 10, 20, 40, null];

/** One process that owns boxes below `folder`. */
function startOwner(folder: string, asRoot: boolean) {
  const start = startOf('src/sandbox/testing/owner.ts', folder, asRoot);
  const [program, ...args] = start.command;
  const home = join(start.folder, 'home');
  const child: ChildProcess = startChild(program, [...args, home], {
    env: {},
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  const answers = createInterface({ input: child.stdout as NodeJS.ReadableStream })[Symbol.asyncIterator]();
  return {
    seen: start.folder,
    gone: once(child, 'exit'),
    tell: async (order: Order): Promise<Outcome | null> => {
      child.stdin?.write(`${JSON.stringify(order)}\n`);
      const { value, done } = await answers.next();
      return done ? null : JSON.parse(value);
    },
  };
}

const NOTHING: Outcome = { processes: 0, records: 0, groups: 0 };
/** Eight boxes, or eight owners and sweeps, on a machine that is busy with other things. */
const TIME_MS = 180_000;

const users = process.getuid?.() === 0 ? ['root', 'an ordinary user'] : ['an ordinary user'];

describe.skipIf(skipWithout('bubblewrap', findPrograms().bwrap !== undefined))(
  'a start that is cut off',
  () => {
    it.each(users)(
      'leaves nothing when its launcher is killed, at any moment: %s',
      { timeout: TIME_MS },
      async (user) => {
        const folder = temporaryHome();
        const owner = startOwner(folder, user === 'root');
        for (const afterMs of MOMENTS) {
          const ran = join(owner.seen, `ran-${afterMs}`);
          const left = await owner.tell({ do: 'open', killed: 'launcher', afterMs, ran });
          expect({ afterMs, left }).toEqual({ afterMs, left: NOTHING });
        }
      },
    );

    it.each(users)(
      'ends with an owner that exits, without a sweep: %s',
      { timeout: TIME_MS },
      async (user) => {
        const folder = temporaryHome();
        const owner = startOwner(folder, user === 'root');
        await owner.tell({ do: 'exit', ran: join(owner.seen, 'ran') });
        await owner.gone;
        const looker = startOwner(folder, user === 'root');
        // The launcher ends by itself once its box has ended.
        await expect.poll(() => looker.tell({ do: 'look' }), { timeout: 20_000 }).toEqual(NOTHING);
      },
    );

    it.each(users)(
      'leaves nothing for long when its owner is killed, at any moment: %s',
      { timeout: TIME_MS },
      async (user) => {
        const folder = temporaryHome();
        const sweeper = startOwner(folder, user === 'root');
        for (const afterMs of MOMENTS) {
          const owner = startOwner(folder, user === 'root');
          const ran = join(owner.seen, `ran-${afterMs}`);
          await owner.tell({ do: 'open', killed: 'owner', afterMs, ran });
          await owner.gone;
          const left = await sweeper.tell({ do: 'sweep' });
          expect({ afterMs, left }).toEqual({ afterMs, left: NOTHING });
          // Without its owner nobody lets it go: then nothing of the app has run, outside of every bound.
          const here = join(folder, `ran-${afterMs}`);
          if (!existsSync(`${here}.let-go`)) expect(readFileSync(here, 'utf8')).toBe('');
        }
      },
    );
  },
);
