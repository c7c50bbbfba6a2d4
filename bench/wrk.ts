import { runChild } from '../src/kit/index.ts';

/** What one run of wrk measured. Latencies in milliseconds. */
export interface Load {
  readonly requestsPerSec: number;
  readonly p50: number;
  readonly p99: number;
  /** Answers other than 2xx and 3xx, and socket errors. */
  readonly errors: number;
}

/** Loads a URL with wrk for `seconds`; `script` is a Lua file. */
export async function load(
  url: string,
  options: {
    readonly connections: number;
    readonly seconds: number;
    readonly headers?: readonly string[];
    readonly script?: string;
  },
): Promise<Load> {
  const args = ['-t1', `-c${options.connections}`, `-d${options.seconds}s`, '--latency'];
  for (const header of options.headers ?? []) args.push('-H', header);
  if (options.script) args.push('-s', options.script);
  const result = await runChild('wrk', [...args, url], {
    env: { PATH: process.env.PATH ?? '' },
    timeoutMs: (options.seconds + 20) * 1000,
  });
  if (result.code !== 0) throw new Error(`wrk ended with ${result.code}: ${result.stderr}${result.stdout}`);
  return parse(result.stdout);
}

function parse(text: string): Load {
  const number = (pattern: RegExp) => Number(pattern.exec(text)?.[1] ?? 0);
  const errors = /Socket errors: connect (\d+), read (\d+), write (\d+), timeout (\d+)/.exec(text);
  return {
    requestsPerSec: number(/Requests\/sec:\s+([\d.]+)/),
    p50: milliseconds(/50%\s+([\d.]+)(us|ms|s)/.exec(text)),
    p99: milliseconds(/99%\s+([\d.]+)(us|ms|s)/.exec(text)),
    errors:
      number(/Non-2xx or 3xx responses: (\d+)/) +
      (errors?.slice(1).reduce((sum, count) => sum + Number(count), 0) ?? 0),
  };
}

function milliseconds(match: RegExpExecArray | null): number {
  if (!match) return Number.NaN;
  return Number(match[1]) * { us: 0.001, ms: 1, s: 1000 }[match[2] as 'us' | 'ms' | 's'];
}
