/** Apps that run in this process; the guard is on while there is one. */
const reporters = new Set<(error: unknown) => void>();

/**
 * Keeps a promise that nobody has looked after from ending the process, and with it every request under way: the glue of a
 * component is not ours, and after a trap it may leave one behind. It is reported instead.
 *
 * @returns takes the guard away
 */
export function guardRejections(report: (error: unknown) => void): () => void {
  if (reporters.size === 0) process.on('unhandledRejection', tellAll);
  reporters.add(report);
  return () => {
    reporters.delete(report);
    if (reporters.size === 0) process.off('unhandledRejection', tellAll);
  };
}

function tellAll(error: unknown): void {
  for (const report of reporters) report(error);
}
