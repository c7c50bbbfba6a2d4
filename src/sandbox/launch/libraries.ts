let known: readonly string[] | null = null;

/** Files of the system that this very node binary has loaded, its loader among them; the same binary in a box needs the same ones. */
export function nodeLibraries(): readonly string[] {
  known ??= sharedObjects().filter((path) => path.startsWith('/') && path !== process.execPath);
  return known;
}

function sharedObjects(): readonly string[] {
  // `excludeNetwork` is missing in @types/node; without it the names of the machine's addresses are looked up.
  const report: typeof process.report & { excludeNetwork?: boolean } = process.report;
  const before = report.excludeNetwork ?? false;
  report.excludeNetwork = true;
  try {
    return (report.getReport() as { sharedObjects: string[] }).sharedObjects;
  } finally {
    report.excludeNetwork = before;
  }
}
