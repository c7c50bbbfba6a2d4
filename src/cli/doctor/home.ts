import { access, constants, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { type Check, type Finding, fine, problemFound } from './check.ts';

export const home: Check = {
  name: 'Home',
  async look({ home: folder }) {
    const found = await stat(folder).catch(() => null);
    if (found === null) return fine('Home', `${folder} will be made at the first start`);
    if (!found.isDirectory()) {
      return problemFound('Home', `${folder} is a file`, 'Choose another place with --home or TABBIFY_HOME.');
    }
    try {
      await access(folder, constants.R_OK | constants.W_OK | constants.X_OK);
    } catch {
      return problemFound(
        'Home',
        `${folder} cannot be written`,
        `Give it to your user: chown -R "$(id -u)" ${folder}`,
      );
    }
    const findings: Finding[] = [
      (found.mode & 0o077) === 0
        ? fine('Home', `${folder}, yours alone`)
        : problemFound('Home', `${folder} is open to other users`, `chmod 700 ${folder}`),
    ];
    const key = join(folder, 'node.key');
    const keyFile = await stat(key).catch(() => null);
    if (keyFile !== null && (keyFile.mode & 0o077) !== 0) {
      findings.push(problemFound('Owner key', `${key} can be read by other users`, `chmod 600 ${key}`));
    }
    return findings;
  },
};
