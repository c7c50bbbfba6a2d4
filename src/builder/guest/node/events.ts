import Emitter from 'events/events.js';

export const EventEmitter = Emitter;
export const { once, defaultMaxListeners } = Emitter;

/** As many as listen to that event. */
export function listenerCount(emitter: InstanceType<typeof Emitter>, event: string | symbol): number {
  return emitter.listenerCount(event);
}

/** A copy. */
export function getEventListeners(
  emitter: InstanceType<typeof Emitter>,
  event: string | symbol,
): ReturnType<InstanceType<typeof Emitter>['listeners']> {
  return emitter.listeners(event);
}

export function setMaxListeners(count: number, ...emitters: InstanceType<typeof Emitter>[]): void {
  if (emitters.length === 0) Emitter.defaultMaxListeners = count;
  for (const emitter of emitters) emitter.setMaxListeners(count);
}
