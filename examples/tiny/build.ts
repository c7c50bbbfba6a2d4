// Rebuilds app.wasm from tiny.c: `node examples/tiny/build.ts [out.wasm]`. Needs clang and lld (`apt-get install clang lld`).
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { componentEmbed, componentNew } from '@bytecodealliance/jco-transpile/wasm-tools';

const COMPILER = ['--target=wasm32', '-O2', '-nostdlib', '-ffreestanding', '-Wall', '-Wextra', '-Werror'];
const LINKER = ['-Wl,--no-entry', '-Wl,--strip-all', '-Wl,-z,stack-size=16384'];

/**
 * C source to component: compile to a core module, attach the WIT world to it, wrap it.
 *
 * @param source path of the C file; headers are looked for beside it and beside tiny.c
 * @param wit folder of the world
 * @param world its name
 */
export async function buildComponent(source: string, wit: string, world: string): Promise<Uint8Array> {
  const work = mkdtempSync(join(tmpdir(), 'tiny-'));
  try {
    const core = join(work, 'core.wasm');
    execFileSync(clang(), [...COMPILER, ...LINKER, `-I${import.meta.dirname}`, '-o', core, source], {
      stdio: 'inherit',
    });
    const embedded = await componentEmbed({ binary: readFileSync(core), witPath: wit, world });
    return await componentNew(embedded, []);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

/** Debian's package clang-14 has the program under its full name alone. @throws Error when there is neither */
function clang(): string {
  const found = ['clang', 'clang-14'].find((name) => spawnSync(name, ['--version']).status === 0);
  if (found === undefined) throw new Error('clang is not installed: `apt-get install clang lld`');
  return found;
}

if (import.meta.main) {
  const here = import.meta.dirname;
  const component = await buildComponent(join(here, 'tiny.c'), join(here, 'wit'), 'tiny');
  writeFileSync(process.argv[2] ?? join(here, 'app.wasm'), component);
}
