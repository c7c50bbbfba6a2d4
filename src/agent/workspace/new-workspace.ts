import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { openWorkspace, type Workspace } from './workspace.ts';

/**
 * Makes a fresh folder `<parent>/<slug>-<n>` with the first free n; two calls at once get two folders.
 *
 * @param parent e.g. `TABBIFY_HOME/workspaces/default`; made if missing
 */
export async function newWorkspace(parent: string, slug: string): Promise<Workspace> {
  await mkdir(parent, { recursive: true, mode: 0o700 });
  for (let n = 1; ; n++) {
    const folder = join(parent, `${slug}-${n}`);
    try {
      await mkdir(folder, { mode: 0o700 });
      return await openWorkspace(folder);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
  }
}
