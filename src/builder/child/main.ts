import { writeFileSync } from 'node:fs';
import { setPriority } from 'node:os';
import { createInterface } from 'node:readline';
import { killGroup, messageOf, TabbifyError, yieldMemoryToOthers } from '../../kit/index.ts';
import { diskFull } from '../disk-full.ts';
import { buildInChild } from './build-in-child.ts';
import { handOver } from './hand-over.ts';
import { prepareTools } from './prepare-tools.ts';
import { type ChildMessage, type ChildRequest, MESSAGES_FD, type Preparation } from './protocol.ts';

/** The build process: one request in, progress and one result out, then it ends. It may be told to load its tools before. */
function say(message: ChildMessage, bytes?: Buffer): void {
  writeFileSync(MESSAGES_FD, `${JSON.stringify(message)}\n`);
  if (bytes !== undefined) writeFileSync(MESSAGES_FD, bytes);
}

function failure(thrown: unknown): ChildMessage {
  const error = diskFull(thrown) ?? thrown;
  if (error instanceof TabbifyError) {
    const { status, what, why, hint } = error;
    return { type: 'failed', fault: status < 500 ? 'author' : 'platform', what, why, hint };
  }
  const stack = error instanceof Error ? (error.stack ?? error.message) : messageOf(error);
  return { type: 'failed', fault: 'platform', what: 'The build stopped', why: stack, hint: undefined };
}

/** Niceness of a build and of all that it starts: on a busy machine visitors go first. */
const NICENESS = 10;
setPriority(NICENESS);
// What is installed in one box is read in another one, by another user.
process.umask(0o022);

yieldMemoryToOthers();
const lines = createInterface({ input: process.stdin });
lines.once('line', async (line) => {
  try {
    const first = JSON.parse(line) as ChildRequest | { readonly prepare: Preparation };
    const request = 'prepare' in first ? await requestAfter(first.prepare) : first;
    await buildInChild(request, (step, detail) => say({ type: 'progress', step, detail }));
    if (request.handOver === 'messages') await handOver(request.artifactDir, say);
    say({ type: 'done' });
  } catch (error) {
    say(failure(error));
  }
  process.exit(0);
});
/** Loads the tools until the build comes. */
async function requestAfter(preparation: Preparation): Promise<ChildRequest> {
  const { promise, resolve } = Promise.withResolvers<string>();
  let isAwaited = false;
  lines.once('line', (line) => {
    isAwaited = true;
    resolve(line);
  });
  await prepareTools(preparation, () => isAwaited);
  say({ type: 'ready' });
  return JSON.parse(await promise) as ChildRequest;
}

// Whoever asked has gone: nobody will take the result, and what was started must not stay behind.
lines.once('close', () => {
  killGroup(process.pid);
  process.exit(1); // it leads no group in a box, which ends with it
});
