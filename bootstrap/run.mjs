// Runs a program of this checkout in the foreground: signals reach it, its exit code comes back.
import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import { nodeEnvironment } from './node26.mjs';

/**
 * Runs `node args…` in place of this process where Node can do that (from 22.15 on, not on Windows), so that one process
 * is one pid to whoever watches or kills it; otherwise as a child with the terminal handed over. Resolves with the exit code.
 */
export function runInForeground(node, args, env = nodeEnvironment()) {
  if (typeof process.execve === 'function' && process.platform !== 'win32') {
    process.execve(node, [node, ...args], env);
  }
  const child = spawn(node, args, { stdio: 'inherit', env });
  const forward = (signal) => child.kill(signal);
  process.on('SIGINT', () => {}); // the terminal sends it to the child as well
  process.on('SIGTERM', forward);
  process.on('SIGHUP', forward);
  return new Promise((resolve) => {
    child.once('error', (error) => {
      process.stderr.write(`${error.message}\n`);
      resolve(1);
    });
    child.once('close', (code, signal) => {
      if (code === null && !['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGPIPE'].includes(signal)) {
        process.stderr.write(
          `${node} was ended by ${signal}. If that happens again: npm ci, then once more.\n`,
        );
      }
      resolve(code ?? 128 + (constants.signals[signal] ?? 0));
    });
  });
}
