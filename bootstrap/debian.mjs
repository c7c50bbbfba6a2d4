// Debian packages that tests and benchmarks use. Installed only when root; otherwise what is missing is named.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';

/** Is the program on PATH (or in sbin, where Debian puts servers)? */
function hasProgram(name) {
  const directories = [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin', '/sbin'];
  return directories.some((directory) => existsSync(join(directory, name)));
}

/** @param packages program → Debian package. Gives back the programs that are still missing. */
export async function ensureDebianPackages(packages) {
  const missing = Object.keys(packages).filter((program) => !hasProgram(program));
  if (missing.length === 0) return [];
  const names = [...new Set(missing.map((program) => packages[program]))];
  if (process.getuid?.() !== 0 || !hasProgram('apt-get')) {
    process.stderr.write(
      `Not installed: ${names.join(', ')} (as root this installs them: apt-get install ${names.join(' ')})\n`,
    );
    return missing;
  }
  process.stderr.write(`Installing Debian packages: ${names.join(', ')} …\n`);
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  const apt = (...args) =>
    spawnSync('apt-get', ['-qq', ...args], { stdio: ['ignore', 'ignore', 'pipe'], env });
  let result = apt('install', '-y', '--no-install-recommends', ...names);
  if (result.status !== 0) {
    apt('update');
    result = apt('install', '-y', '--no-install-recommends', ...names);
  }
  if (result.status !== 0) process.stderr.write(`${result.stderr}\n`);
  return missing.filter((program) => !hasProgram(program));
}
