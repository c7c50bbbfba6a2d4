import * as timersPromises from './timers-promises.ts';

export { clearImmediate, setImmediate } from './immediate.ts';
export const { clearInterval, clearTimeout, setInterval, setTimeout } = globalThis;
export const promises = { ...timersPromises };
