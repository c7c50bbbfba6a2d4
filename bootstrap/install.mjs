// Installs what the lockfile says and nothing else; does nothing when it is all there.
import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { findNode26, NODE_MAJOR, ROOT } from './node26.mjs';

/** Does node_modules hold what package-lock.json asks for? Compares npm's own record of the installed tree with it. */
function isInstalled() {
  const installedFile = join(ROOT, 'node_modules', '.package-lock.json');
  if (!existsSync(installedFile)) return false;
  const wanted = JSON.parse(readFileSync(join(ROOT, 'package-lock.json'), 'utf8')).packages;
  const installed = JSON.parse(readFileSync(installedFile, 'utf8')).packages;
  for (const [path, entry] of Object.entries(wanted)) {
    if (path === '' || entry.optional || entry.link) continue;
    if (installed[path]?.version !== entry.version || installed[path]?.integrity !== entry.integrity)
      return false;
  }
  return findNode26() !== null;
}

/** Makes sure that everything is installed, and gives back the Node to go on with. Ends the process when it cannot. */
export async function ensureInstalled() {
  if (!isInstalled()) await npmCi();
  const node = findNode26();
  if (node === null) {
    fail(
      `Cannot go on: there is no Node ${NODE_MAJOR} for ${process.platform}-${process.arch} in the lockfile`,
      `this is Node ${process.versions.node}, and the platform is not among those the project brings a Node for`,
      `Install Node ${NODE_MAJOR} or newer yourself (https://nodejs.org) and run this again with it.`,
    );
  }
  return node;
}

async function npmCi() {
  const major = Number(process.versions.node.split('.')[0]);
  if (major < 20)
    fail(
      `This Node is too old: ${process.versions.node}`,
      'npm needs Node 20 or newer to set up; Tabbify then brings its own',
      'Install a newer Node (https://nodejs.org, or your system’s package) and run this again.',
    );
  const count =
    Object.keys(JSON.parse(readFileSync(join(ROOT, 'package-lock.json'), 'utf8')).packages).length - 1;
  const started = Date.now();
  const seconds = () => Math.round((Date.now() - started) / 1000);
  process.stderr.write(`Installing Tabbify's packages (up to ${count}, from the lockfile; once) …\n`);
  const tick = setInterval(() => {
    if (process.stderr.isTTY) process.stderr.write(`\r  ${seconds()} s `);
  }, 1000);
  const args = ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'];
  const cli = process.env.npm_execpath;
  const [program, first] =
    cli?.endsWith('.js') || cli?.endsWith('.cjs') ? [process.execPath, [cli]] : ['npm', []];
  const child = spawn(program, [...first, ...args], { cwd: ROOT, stdio: ['ignore', 'ignore', 'pipe'] });
  let stderr = '';
  child.stderr.on('data', (chunk) => {
    stderr += chunk;
  });
  const code = await new Promise((resolve) => {
    child.once('error', (error) => {
      stderr += error.message;
      resolve(1);
    });
    child.once('close', resolve);
  });
  clearInterval(tick);
  if (process.stderr.isTTY) process.stderr.write('\r');
  if (code !== 0) {
    fail(
      `Installing failed: npm ci ended with ${code}`,
      withoutStack(stderr),
      'Check the network and the free disk space (about 700 MB), then run this again.',
    );
  }
  process.stderr.write(`Installed in ${seconds()} s.\n`);
}

/** What npm said, without where in npm's own code it happened. */
function withoutStack(stderr) {
  const lines = stderr.trim().split('\n');
  return lines
    .filter((line) => !/^npm error\s+at |^npm error\s*[{}]?$|A complete log of this run/.test(line))
    .join('\n       ');
}

/** Ends the process with an error in three parts, as the commands do. */
function fail(what, why, hint) {
  process.stderr.write(`error  ${what}\nwhy    ${why}\nto do  ${hint}\n`);
  process.exit(1);
}
