import { readFile } from 'node:fs/promises';
import { TabbifyError, writeFileAtomic } from '../kit/index.ts';

/** Errors by which log and state refuse what a newer version has written. */
const TOO_NEW = new Set(['event_too_new', 'log_unavailable']);

/** Notes which version has opened the home, so that an older one that cannot read it can say what is needed. */
export async function noteVersion(file: string, version: string): Promise<void> {
  if ((await noted(file)) !== version) await writeFileAtomic(file, `${version}\n`);
}

/**
 * An error of a home that cannot be read, with the version that is needed in its hint when a newer one had it open last.
 *
 * @param file where `noteVersion` has noted it
 * @param own the version that failed
 */
export async function withVersionNeeded(error: unknown, file: string, own: string): Promise<unknown> {
  if (!(error instanceof TabbifyError) || !TOO_NEW.has(error.code)) return error;
  const last = await noted(file);
  if (!isNewer(last, own)) return error;
  const { code, status, title, what, why } = error;
  const hint = `Start Tabbify ${last}, which had this home open before, or a later one; this is ${own}. Apps that run go on running.`;
  return new TabbifyError(
    code,
    { status, title },
    { what, ...(why === undefined ? {} : { why }), hint, cause: error },
  );
}

async function noted(file: string): Promise<string> {
  return (await readFile(file, 'utf8').catch(() => '')).trim(); // what is not there, or not readable, says nothing
}

/** Of versions as semver has them; what comes behind a hyphen is not looked at. */
function isNewer(one: string, other: string): boolean {
  const [a, b] = [one, other].map((text) => (/^\d+\.\d+\.\d+/.exec(text)?.[0] ?? '').split('.').map(Number));
  const index = a?.findIndex((part, at) => part !== b?.[at]) ?? -1;
  return index >= 0 && (a?.[index] ?? 0) > (b?.[index] ?? 0);
}
