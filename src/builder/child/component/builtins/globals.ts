/** Globals of Node that the engine lacks and a component has all the same: the name, and where below `guest/node/` it is from. */
export const PROVIDED_GLOBALS: Readonly<Record<string, string>> = {
  Buffer: 'buffer',
  clearImmediate: 'immediate',
  process: 'process',
  setImmediate: 'immediate',
  TextDecoderStream: 'text-streams',
  TextEncoderStream: 'text-streams',
};

/** Prefix of what the bundler is told to inject. */
export const GLOBAL = 'tabbify-global:';

/** To be given to the bundler as `inject`: each is left out where nothing uses it. */
export const INJECTED = Object.keys(PROVIDED_GLOBALS).map((name) => `${GLOBAL}${name}`);
