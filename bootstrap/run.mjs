// Runs a program of this checkout in the foreground: signals go to it, its exit code comes back.
import { spawn } from 'node:child_process';

/** Starts `node file args…` with the terminal handed over; resolves with the exit code. */
export function runInForeground(node, args, env = process.env) {
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
    child.once('close', (code, signal) => resolve(code ?? (signal === 'SIGINT' ? 130 : 1)));
  });
}
