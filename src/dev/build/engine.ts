import { prepareEngine } from '../../builder/index.ts';

export interface EngineKeeperOptions {
  /** `TABBIFY_HOME` of the server. */
  readonly home: string;
  readonly note: (text: string) => void;
  readonly signal: AbortSignal;
}

/** Finds the engine that loads an app's source as `wasm-http`. */
export interface EngineKeeper {
  /** @returns folder of its artifact. @throws TabbifyError `build_broken` and what else keeps it from being made; asked again it tries again */
  find(memoryMb: number): Promise<string>;
}

export function keepEngine({ home, note, signal }: EngineKeeperOptions): EngineKeeper {
  let known: { readonly memoryMb: number; readonly folder: Promise<string> } | null = null;
  return {
    find(memoryMb) {
      if (known?.memoryMb === memoryMb) return known.folder;
      const began = performance.now();
      let isMade = false;
      const folder = prepareEngine({
        ...{ home, memoryMb, signal },
        onMaking() {
          isMade = true;
          note(
            `the engine of wasm-http with ${memoryMb} MB is made; this is done once and takes some seconds`,
          );
        },
        onProgress: (step, detail) => note(`engine: ${step} ${detail}`),
      });
      const found = { memoryMb, folder };
      known = found;
      folder.then(
        () => {
          if (isMade) note(`the engine is there after ${((performance.now() - began) / 1000).toFixed(1)} s`);
        },
        () => {
          if (known === found) known = null; // the next one tries again
        },
      );
      return folder;
    },
  };
}
