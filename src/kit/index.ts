export { replaceFile, syncDirectory, writeFileAtomic } from './atomic-file.ts';
export { boundedPipelining } from './bounded-pipelining.ts';
export {
  boundChild,
  type ChildOptions,
  type ChildResult,
  killGroup,
  runChild,
  startChild,
} from './child-process.ts';
export { type Clock, isoNow, systemClock } from './clock.ts';
export { CONNECTION_FIELDS } from './connection-fields.ts';
export { goLikeOthers, letOthersGoFirst } from './cpu-order.ts';
export {
  type Endpoint,
  httpEndpoint,
  isEndpoint,
  parseEndpoint,
  type Reach,
  reachOf,
  socketEndpoint,
} from './endpoint.ts';
export { defineErrors, type ErrorSpec, type ErrorText, messageOf, TabbifyError } from './error.ts';
export { fetchTwice, whyFetchFailed } from './fetch-twice.ts';
export { freshName } from './fresh-name.ts';
export { createHolds, type Holds } from './holds.ts';
export { derivedId, isUuid, newId } from './id.ts';
export { createLogger, type Logger, silentLogger } from './logger.ts';
export { isLoopbackName, plainAddress } from './loopback.ts';
export { yieldMemoryToOthers } from './memory-order.ts';
export { PROBLEM_JSON, type Problem, problemOf } from './problem.ts';
export {
  isAlive,
  machineStartedAt,
  type ProcessIdentity,
  signalProcess,
  startTimeOf,
} from './process-identity.ts';
export { responseOnSocket } from './response-on-socket.ts';
export { SmallSet } from './small-set.ts';
export { starMatches, starPatternsMeet } from './star-match.ts';
