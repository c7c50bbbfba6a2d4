import type { TestOutcome } from '../../../builder/index.ts';
import type { CliCommand } from '../../command.ts';
import { cliError } from '../../errors.ts';
import { durationText } from '../../terminal/duration.ts';
import { interruptOf } from '../../terminal/interrupt.ts';
import { EXIT_DONE, EXIT_FAILED } from '../../terminal/print-error.ts';

interface TestFlags {
  readonly timeout?: number;
}

const TIMEOUT_SEC = 600;

export const test: CliCommand<TestFlags> = {
  usage: 'test [dir] [args...]',
  local: true,
  summary: 'Run the tests of a folder’s app in its own sandbox, without an office',
  details:
    'Without a folder the current one. Runs the `test` script of package.json (one program, e.g. `node --test` or `vitest run`), else `node --test` over **/*.test.{ts,js,mjs}. Packages come from package-lock.json, those for development too. The tests have a copy of the folder, a network of their own loopback alone, and nothing of this machine; what they write is thrown away. The exit code is that of the tests. Behind `--` stands what they are given, then with the folder before it.\nExample: tcli test . -- --test-name-pattern=guests',
  options: [
    {
      flags: '--timeout <seconds>',
      summary: `end them after this time (default ${TIMEOUT_SEC})`,
      parse: secondsOf,
    },
  ],
  async run(context, operands, { timeout = TIMEOUT_SEC }) {
    const { io, json, home, paint } = context;
    const [first = '.', ...others] = operands;
    const [dir, args] = first.startsWith('-') ? ['.', operands] : [first, others];
    const [{ readAppSource, manifestOf }, { testApp }, { appEnvironment }, { onlyColours }, { join }] =
      await Promise.all([
        import('../../check/app-source.ts'),
        import('../../../builder/index.ts'),
        import('../../check/app-environment.ts'),
        import('../../terminal/only-colours.ts'),
        import('node:path'),
      ]);
    const source = await readAppSource(io.cwd, dir, false);
    const manifest = manifestOf(source, dir);
    using interrupt = interruptOf(io);
    const shown = { stdout: onlyColours(), stderr: onlyColours() };
    const begun = performance.now();
    const outcome = await testApp({
      ...{ sourceDir: source.root, home: join(home, 'dev'), env: appEnvironment(manifest), args },
      ...{ timeoutMs: timeout * 1000, signal: interrupt.signal },
      colours: io.stdout.isTTY === true && !io.env.NO_COLOR && io.env.TERM !== 'dumb',
      onOutput(stream, text) {
        const out = json ? io.stderr : io[stream]; // stdout carries JSON and nothing else
        out.write(shown[stream](text));
      },
      onProgress(step, detail) {
        if (json) return;
        const word = step === 'note' ? paint('yellow', 'note') : paint('dim', step);
        io.stderr.write(`${word}  ${detail}\n`);
      },
    }).catch((error: unknown) => {
      throw interrupt.explain(error);
    });
    if (interrupt.signal.aborted) throw interrupt.explain(null);
    const why = whyEnded(outcome, timeout);
    if (json) {
      const ms = Math.round(performance.now() - begun);
      context.printJson({ ok: outcome.code === 0, ...outcome, ms });
    }
    if (why !== null) {
      throw cliError('tests_ended', {
        what: 'The tests were ended before they had ended themselves',
        why: why.why,
        hint: why.hint,
      });
    }
    if (outcome.code === 0) return EXIT_DONE;
    if (!json)
      io.stderr.write(`${paint('red', 'failed')}  after ${durationText(performance.now() - begun)}\n`);
    return outcome.code ?? EXIT_FAILED;
  },
};

/** Null: they ended themselves. */
function whyEnded({ ended, signal }: TestOutcome, timeoutSec: number): { why: string; hint: string } | null {
  switch (ended) {
    case 'itself':
      return signal === null
        ? null
        : { why: `${signal} ended them`, hint: 'Look at what they printed last.' };
    case 'timeout':
      return {
        why: `they ran for ${timeoutSec} s`,
        hint: 'Look for a server or a timer that is never closed, or give them longer with --timeout.',
      };
    case 'memory':
      return { why: 'they took more memory than tests may have', hint: 'Tests have 2 GiB, /tmp included.' };
    case 'disk':
      return {
        why: 'they wrote more than tests may',
        hint: 'Tests may have 2 GiB and 100,000 files in their folder.',
      };
    case 'flooded':
      return { why: 'they printed more than anybody reads', hint: 'Print less than 64 MB.' };
    case 'aborted':
      return { why: 'they were called off', hint: 'Run the same command again.' };
  }
}

function secondsOf(text: string): number {
  const seconds = Number(text);
  if (/^\d{1,5}$/.test(text) && seconds > 0) return seconds;
  throw cliError('usage', {
    what: `--timeout ${text} cannot be used`,
    why: 'it must be a whole number of seconds, at least 1',
    hint: 'For example --timeout 60.',
  });
}
