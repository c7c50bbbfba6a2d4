import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { TestOffice } from '../../e2e/office.ts';
import { expectKept } from '../drill.ts';

export interface Answer {
  readonly status: number;
  readonly text: string;
  /** How often it was asked before somebody answered. */
  readonly tries: number;
}

/** An office that dies under those who use it: what it left unanswered is asked again, in the same words, when it is back. */
export interface Site {
  readonly office: TestOffice;
  /** Grows with every time the office opens. */
  readonly opening: number;
  /** Requests that had to be repeated. */
  readonly repeated: number;
  /** From now on requests wait. */
  shut(): void;
  /** Lets requests through. */
  open(): void;
  /** Resolves with `opening` once requests are let through. */
  opened(): Promise<number>;
  /** A call with the owner's credential, repeated until it is answered. */
  call(path: string, init?: RequestInit): Promise<Answer>;
  /** A call with the owner's credential, tried once, also while the office is shut to the others. */
  once(path: string, init?: RequestInit): Promise<Response>;
}

/** A connection may be closed by the other side at the very moment it is used again: that is nobody's death. */
const TRIES_WITHOUT_A_DEATH = 3;

export async function createSite(office: TestOffice): Promise<Site> {
  const key = (await readFile(join(office.home, 'node.key'), 'utf8')).trim();
  let gate = Promise.withResolvers<void>();
  let isOpen = false;
  let opening = 0;
  let repeated = 0;
  const once = (path: string, init: RequestInit = {}) =>
    fetch(`${office.url}${path}`, {
      ...init,
      headers: { authorization: `Bearer ${key}`, ...init.headers },
    });
  const opened = async () => {
    while (!isOpen) await gate.promise;
    return opening;
  };
  return {
    office,
    get opening() {
      return opening;
    },
    get repeated() {
      return repeated;
    },
    shut() {
      if (isOpen) gate = Promise.withResolvers();
      isOpen = false;
    },
    open() {
      opening += 1;
      isOpen = true;
      gate.resolve();
    },
    opened,
    once,
    async call(path, init = {}) {
      let inVain = 0;
      for (let tries = 1; ; tries++) {
        const asked = await opened();
        try {
          const response = await once(path, init);
          return { status: response.status, text: await response.text(), tries };
        } catch (error) {
          repeated += 1;
          if (isOpen && asked === opening) inVain += 1;
          expectKept(
            inVain < TRIES_WITHOUT_A_DEATH,
            () => `${path} was not answered by a living office: ${error}`,
          );
        }
      }
    },
  };
}
