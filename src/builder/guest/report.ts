/** Lines of a stack worth a place in the log; an endless recursion has thousands. */
const STACK_LINES = 20;
/** Errors that caused one another, which are told. */
const CAUSES = 4;

/** Places of the engine's own start code, and of the platform's where an engine has loaded the app. */
const OURS = /initializer\.js|@engine\.js:/;

const METHODS = ['debug', 'error', 'info', 'log', 'trace', 'warn'] as const;

/** An error with its stack and what caused it, in lines. The engine itself would tell its place in the bundle, without the way there. */
export function errorText(error: Error, causes = CAUSES): string {
  const frames = String(error.stack ?? '')
    .split('\n')
    .filter((line) => line !== '' && !OURS.test(line))
    .slice(0, STACK_LINES);
  const lines = [`${error.name}: ${error.message}`, ...frames];
  const { cause } = error;
  if (cause instanceof Error && causes > 0) lines.push(`[cause]: ${errorText(cause, causes - 1)}`);
  return lines.join('\n');
}

/** Has the console tell errors so; the app may hold on to its functions while it loads. */
export function tellErrorsWhole(): void {
  const { console } = globalThis;
  for (const method of METHODS) {
    const tell = console[method].bind(console);
    console[method] = (...values: unknown[]) =>
      tell(...values.map((value) => (value instanceof Error ? errorText(value) : value)));
  }
}
