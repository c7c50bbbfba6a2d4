/** Minor versions of WASI 0.2 a component may be built against; glue names each import with its own version. */
const VERSIONS = Array.from({ length: 64 }, (_, patch) => `0.2.${patch}`);

/** The imports that wait, by interface: the host answers them with a promise, so the glue must suspend the component. */
const WAITING: Readonly<Record<string, readonly string[]>> = {
  'wasi:io/poll': ['poll', '[method]pollable.block'],
  'wasi:io/streams': [
    '[method]input-stream.blocking-read',
    '[method]input-stream.blocking-skip',
    '[method]output-stream.blocking-write-and-flush',
    '[method]output-stream.blocking-flush',
    '[method]output-stream.blocking-splice',
    '[method]output-stream.blocking-write-zeroes-and-flush',
  ],
  // All but what the host knows without asking the disk.
  'wasi:filesystem/types': [
    '[method]descriptor.set-size',
    '[method]descriptor.set-times',
    '[method]descriptor.read',
    '[method]descriptor.write',
    '[method]descriptor.read-directory',
    '[method]descriptor.sync',
    '[method]descriptor.sync-data',
    '[method]descriptor.create-directory-at',
    '[method]descriptor.stat',
    '[method]descriptor.stat-at',
    '[method]descriptor.set-times-at',
    '[method]descriptor.link-at',
    '[method]descriptor.open-at',
    '[method]descriptor.readlink-at',
    '[method]descriptor.remove-directory-at',
    '[method]descriptor.rename-at',
    '[method]descriptor.unlink-file-at',
    '[method]descriptor.metadata-hash',
    '[method]descriptor.metadata-hash-at',
    '[method]directory-entry-stream.read-directory-entry',
  ],
};

/** For jco: every import that may suspend, in every version. */
export const ASYNC_IMPORTS: readonly string[] = VERSIONS.flatMap((version) =>
  Object.entries(WAITING).flatMap(([name, functions]) => functions.map((fn) => `${name}@${version}#${fn}`)),
);

/** For jco: the export during which a component may be suspended. */
export const ASYNC_EXPORTS: readonly string[] = VERSIONS.map(
  (version) => `wasi:http/incoming-handler@${version}#handle`,
);

/**
 * The waiting imports a glue module does not suspend for. Anything here would make the component spin: a promise that
 * nobody awaits looks like "ready", and Node's loop never turns. (jco keeps quiet about names it does not match.)
 *
 * Versions are left out of the comparison: a core module may name an older one than the component, which unites them.
 *
 * @param glue text of the module jco made, minified or not
 * @param imported `<interface>@<version>#<function>` of the core modules' imports
 */
export function notSuspending(glue: string, imported: ReadonlySet<string>): string[] {
  const suspends = new Map<string, boolean>();
  for (const [, name = '', flag = ''] of glue.matchAll(
    /[\w$]+\.fnName\s*=\s*['"`]([^'"`]+)['"`][,;]\s*[\w$]+\.manuallyAsync\s*=\s*(true|false|!0|!1)/g,
  )) {
    const key = withoutVersion(name);
    suspends.set(key, (flag === 'true' || flag === '!0') && suspends.get(key) !== false);
  }
  return [...imported].filter((name) => {
    const [id = '', fn = ''] = withoutVersion(name).split('#');
    return WAITING[id]?.includes(fn) === true && suspends.get(`${id}#${glueName(fn)}`) !== true;
  });
}

/** `wasi:io/poll@0.2.10#poll` is `wasi:io/poll#poll`. */
function withoutVersion(name: string): string {
  return name.replace(/@[^#]*/, '');
}

/** `[method]input-stream.blocking-read` is `blockingRead` in the glue. */
function glueName(fn: string): string {
  return fn.replace(/^.*\./, '').replace(/-([a-z])/g, (_, letter: string) => letter.toUpperCase());
}
