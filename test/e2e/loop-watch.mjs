// Preloaded into the office under test: the longest time its event loop was held, in milliseconds of this thread's own
// processor time (what other processes take on a busy machine is not its doing). Written to LOOP_WATCH_FILE when it grows.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { isMainThread } from 'node:worker_threads';

const { LOOP_WATCH_FILE: file, LOOP_WATCH_FROM: from } = process.env;

if (isMainThread && file && from) {
  let opened = false;
  let worst = 0;
  let before = process.threadCpuUsage();
  setInterval(() => {
    const used = process.threadCpuUsage(before);
    before = process.threadCpuUsage();
    const held = (used.user + used.system) / 1000;
    if (opened && held > worst) {
      worst = held;
      writeFileSync(file, String(worst));
    }
    opened ||= isOpen(); // loading the program itself is no visitor's concern
  }, 5).unref();
}

/** Has this very process announced its office? A killed one leaves its record behind. */
function isOpen() {
  return existsSync(from) && JSON.parse(readFileSync(from, 'utf8')).pid === process.pid;
}
