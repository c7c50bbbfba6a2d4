import { access } from 'node:fs/promises';
import { join } from 'node:path';

/** A component that stands in the folder without being named. */
const COMPONENT = 'app.wasm';

/** Does the folder hold a component under its usual name? It decides the default of `build.kind` (CONTRACTS §4). */
export async function hasComponent(folder: string): Promise<boolean> {
  try {
    await access(join(folder, COMPONENT));
    return true;
  } catch {
    return false;
  }
}
