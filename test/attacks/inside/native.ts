import type { Duplex } from 'node:stream';
import type { Inside } from './inside.ts';

/** The program that takes attacks on descriptor 3, natively. */
export const INSIDE_PROGRAM = new URL('../fixtures/inside.mjs', import.meta.url).pathname;

/** What it is started with: all that Node can do, so that the box alone holds it. */
export const NATIVE_FLAGS = ['--no-warnings', '--max-old-space-size=256'];

/** Talks with the program over its descriptor 3. */
export function overControl(control: Duplex, isAlive: () => boolean, end: () => Promise<void>): Inside {
  const waiting = new Map<number, (report: string | null) => void>();
  let last = 0;
  let rest = '';
  control.on('data', (data: Buffer) => {
    const lines = (rest + data.toString()).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) {
      if (line === '') continue; // what an attack sent beside its report
      const { id } = JSON.parse(line) as { id: number };
      waiting.get(id)?.(line);
    }
  });
  const silence = () => {
    for (const answer of waiting.values()) answer(null);
  };
  control.on('close', silence).on('error', silence);
  return {
    isAlive,
    attack(code, targets, deadlineMs) {
      last += 1;
      const id = last;
      return new Promise((resolve) => {
        const timer = setTimeout(() => resolve(null), deadlineMs);
        waiting.set(id, (report) => {
          clearTimeout(timer);
          waiting.delete(id);
          resolve(report);
        });
        if (control.destroyed) waiting.get(id)?.(null);
        else control.write(`${JSON.stringify({ id, code, targets })}\n`);
      });
    },
    [Symbol.asyncDispose]: end,
  };
}
