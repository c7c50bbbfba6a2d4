import { BUILD_STEPS, type BuildStep } from './build-step.ts';
import type { ChildMessage } from './child/protocol.ts';

/** Characters of a text of a build that somebody is shown. */
const MAX_TEXT = 8_000;

/**
 * A message of a build process, or undefined for a line that is none: the process was killed within it, or is not ours any more.
 */
export function readMessage(line: string): ChildMessage | undefined {
  const said = parse(line);
  if (typeof said !== 'object' || said === null) return undefined;
  const { type, step, detail, name, bytes, fault, what, why, hint } = said as Readonly<
    Record<string, unknown>
  >;
  if (type === 'done' || type === 'ready') return { type };
  if (type === 'progress' && isStep(step) && typeof detail === 'string')
    return { type, step, detail: short(detail) };
  if (type === 'file' && typeof name === 'string' && isSize(bytes)) return { type, name, bytes };
  if (type !== 'failed' || typeof what !== 'string') return undefined;
  return {
    type,
    fault: fault === 'author' ? 'author' : 'platform',
    what: short(what),
    why: typeof why === 'string' ? short(why) : undefined,
    hint: typeof hint === 'string' ? short(hint) : undefined,
  };
}

function isSize(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

function isStep(step: unknown): step is BuildStep {
  return (BUILD_STEPS as readonly unknown[]).includes(step);
}

function short(text: string): string {
  return text.slice(0, MAX_TEXT);
}

function parse(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}
