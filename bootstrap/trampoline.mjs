// The bins run under whatever Node the person has; from here on it is the project's.
import nodeModule from 'node:module';
import { pathToFileURL } from 'node:url';
import { findNode26, isHalfInstalled, NODE_MAJOR, nodeEnvironment, OFFICE_FLAGS } from './node26.mjs';
import { runInForeground } from './run.mjs';

/** Commands of `tabbify` that serve until they are stopped. */
const SERVING = new Set(['up', 'node', 'gateway', 'supervisor']);

/**
 * Runs `run(argv)` of a command-line module on Node 26, in this process where it is new enough.
 *
 * @param bin absolute path of the bin that was called, started again under the right Node if need be
 * @param module absolute path of the module that exports `run`
 */
export async function trampoline(bin, module) {
  const node = findNode26();
  if (node === null || isHalfInstalled()) {
    process.stderr.write(
      "error  Tabbify's packages are not installed yet\n" +
        `why    it brings its own Node ${NODE_MAJOR} and libraries; this is Node ${process.versions.node} alone\n` +
        'to do  Run `npm start` in the clone; leave that terminal open and do this again in another.\n',
    );
    process.exitCode = 1;
    return;
  }
  const args = process.argv.slice(2);
  // Who begins anew loses the sockets that a service manager passed (sd_listen_fds(3)): its unit names the flags itself.
  const isPassed = Number(process.env.LISTEN_PID) === process.pid;
  const flags = SERVING.has(args[0]) && !isPassed ? OFFICE_FLAGS : [];
  if (node !== process.execPath || flags.some((flag) => !process.execArgv.includes(flag))) {
    process.exitCode = await runInForeground(node, [...flags, bin, ...args]);
    return;
  }
  nodeModule.enableCompileCache?.(nodeEnvironment().NODE_COMPILE_CACHE);
  const { run } = await import(pathToFileURL(module).href);
  process.exitCode = await run(args);
}
