import type { Figures } from '../../boxed/figures.ts';
import type { GuestMessage } from '../../boxed/protocol.ts';

/** Milliseconds between two messages while requests are at work. */
const EVERY_MS = 100;

/** Tells the host what is counted. */
export interface FiguresReport {
  /** Something has begun: it is told soon, and from then on until nothing is at work. */
  changed(): void;
  /** Now. */
  tell(): void;
}

/** @param stats of the app */
export function reportFigures(
  stats: () => Readonly<Record<string, number>>,
  say: (message: GuestMessage) => Promise<void>,
): FiguresReport {
  let isWatching = false;
  let last = '';
  const tell = (): boolean => {
    const figures: Figures & { readonly in_flight?: number } = stats();
    const text = JSON.stringify(figures);
    if (text !== last) void say({ said: 'figures', figures });
    last = text;
    return (figures.in_flight ?? 0) > 0 || (figures.instances_busy ?? 0) > 0;
  };
  const look = (): void => {
    isWatching = tell();
    if (isWatching) setTimeout(look, EVERY_MS);
  };
  return {
    changed() {
      if (isWatching) return;
      isWatching = true;
      setTimeout(look, EVERY_MS);
    },
    tell: () => void tell(),
  };
}
