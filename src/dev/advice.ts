import { relative, sep } from 'node:path';
import { lockfileDifferences } from '../builder/index.ts';
import { messageOf } from '../kit/index.ts';
import type { Made } from './build/workshop.ts';
import type { Say } from './events.ts';
import type { SourceReader } from './source.ts';

export interface AdviceOptions {
  readonly root: string;
  readonly reader: SourceReader;
  readonly say: Say;
}

/** What a person should know of an app that runs here, each said once as long as it is so. */
export interface Advice {
  /** Texts that hold now, in place of those that held before. */
  say(texts: readonly string[]): void;
  /** Looks whether what runs here is what a push would have made. Never rejects. */
  of(made: Made): Promise<void>;
}

export function createAdvice({ root, reader, say }: AdviceOptions): Advice {
  let held: ReadonlySet<string> = new Set();
  let heldOfPush: ReadonlySet<string> = new Set();

  function warn(texts: readonly string[], before: ReadonlySet<string>): ReadonlySet<string> {
    for (const text of texts) if (!before.has(text)) say({ event: 'warning', text });
    return new Set(texts);
  }

  return {
    say(texts) {
      held = warn(texts, held);
    },
    async of({ files, packages }) {
      const texts = [
        ...(await notPushed(root, files, reader)),
        ...(await lockfileDifferences(root, packages).catch(() => [])),
      ];
      heldOfPush = warn(texts, heldOfPush);
    },
  };
}

async function notPushed(root: string, files: ReadonlySet<string>, reader: SourceReader): Promise<string[]> {
  try {
    const pushed = await reader.pushedFiles();
    return [...files]
      .map((path) => relative(root, path))
      .filter((name) => !name.startsWith(`..${sep}`) && !pushed.has(name))
      .map((name) => `${name} is used by the app, and a push leaves it out: see .tabbifyignore`);
  } catch (error) {
    return [`a push would be refused: ${messageOf(error)}`];
  }
}
