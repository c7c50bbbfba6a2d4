import { createHash } from 'node:crypto';
import { cp, mkdir, mkdtemp, readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { writeCorpus } from '../test/corpus/write-corpus.ts';

const ROOT = join(import.meta.dirname, '..');

/**
 * The log of the corpus, kept in the system's temporary directory from one run to the next; another generator or
 * another format of the log makes another one.
 */
export async function corpusLog(): Promise<string> {
  const folder = join(tmpdir(), `tabbify-corpus-${await generatorHash()}`);
  const file = join(folder, 'log.db');
  if (await stat(file).catch(() => null)) return file;
  process.stderr.write('writing the corpus, which is kept for the next time …\n');
  const unfinished = await mkdtemp(`${folder}-`);
  await writeCorpus(join(unfinished, 'log.db'));
  await rm(folder, { recursive: true, force: true });
  await rename(unfinished, folder);
  return file;
}

/** A home whose log is a copy of the corpus. */
export async function corpusHome(): Promise<string> {
  const from = join(await corpusLog(), '..');
  const home = await mkdtemp(join(tmpdir(), 'tabbify-bench-home-'));
  await mkdir(home, { recursive: true, mode: 0o700 });
  await cp(from, home, { recursive: true });
  return home;
}

async function generatorHash(): Promise<string> {
  const corpus = join(ROOT, 'test/corpus');
  const files = (await readdir(corpus)).filter((name) => name.endsWith('.ts') && !name.endsWith('.test.ts'));
  const hash = createHash('sha256');
  const paths = [...files.sort().map((name) => join(corpus, name)), join(ROOT, 'src/log/sqlite/schema.ts')];
  for (const path of paths) hash.update(await readFile(path));
  return hash.digest('hex').slice(0, 16);
}
