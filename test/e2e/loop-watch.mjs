// Preloaded into the office under test: how long its event loop was held, in milliseconds of this thread's own processor
// time (what other processes take on a busy machine is not its doing), collections of garbage left out. Each time above
// LOOP_WATCH_MS is a line of LOOP_WATCH_FILE: how long, and how long after the start.
import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import { PerformanceObserver } from 'node:perf_hooks';
import { isMainThread } from 'node:worker_threads';

const { LOOP_WATCH_FILE: file, LOOP_WATCH_FROM: from, LOOP_WATCH_MS: bound } = process.env;

if (isMainThread && file && from) {
  let opened = false;
  let judged = false; // did the turn in `pending` begin with the office open?
  let collecting = 0;
  new PerformanceObserver((list) => {
    for (const { duration } of list.getEntries()) collecting += duration;
  }).observe({ entryTypes: ['gc'] });
  let before = process.threadCpuUsage();
  let pending = 0;
  setInterval(() => {
    const used = process.threadCpuUsage(before);
    before = process.threadCpuUsage();
    // The observer hears of a collection one turn later: a turn is judged at the next tick.
    if (judged && pending - collecting > Number(bound)) {
      appendFileSync(file, `${Math.round(pending - collecting)} ms at ${Math.round(performance.now())} ms\n`);
    }
    collecting = 0;
    pending = (used.user + used.system) / 1000;
    judged = opened;
    opened ||= isOpen(); // loading the program itself is no visitor's concern, nor is the turn in which the office opens
  }, 5).unref();
}

/** Has this very process announced its office? A killed one leaves its record behind. */
function isOpen() {
  return existsSync(from) && JSON.parse(readFileSync(from, 'utf8')).pid === process.pid;
}
