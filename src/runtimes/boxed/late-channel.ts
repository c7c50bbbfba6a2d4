import type { AppChannel } from '../../egress/index.ts';

/** A channel whose other end is known later. */
export interface LateChannel extends AppChannel {
  /** From now on, and for those who wait already. */
  lead(to: AppChannel): void;
}

/** A box has its way out before it is known whose it will be. Until then nobody's code is in it. */
export function lateChannel(): LateChannel {
  const { promise, resolve } = Promise.withResolvers<AppChannel>();
  return {
    lead: resolve,
    async dial(to, signal) {
      return (await promise).dial(to, signal);
    },
  };
}
