import { readFile } from 'node:fs/promises';

export const TINY = '0191e7c2-1111-7222-8333-444455556666';
export const OTHER = '0191e7c2-0000-7000-8000-000000000001';

/** A manifest for a component. */
export function manifest(id: string | null, name: string, rest = ''): string {
  const stamp = id === null ? '' : `id = "${id}"\n`;
  return `[app]\n${stamp}name = "${name}"\nvisibility = "public"\n${rest}`;
}

/** Files of an app that really builds: the component of `examples/tiny`. */
export async function tinyApp(id: string = TINY, name = 'tiny', rest = '') {
  const component = await readFile(new URL('../../../examples/tiny/app.wasm', import.meta.url));
  return { 'tabbify.toml': manifest(id, name, rest), 'app.wasm': component };
}
