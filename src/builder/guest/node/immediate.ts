type Task = (...args: never[]) => void;

/** In a later turn, behind what is resolved already. */
export function setImmediate<Run extends Task>(run: Run, ...args: Parameters<Run>): unknown {
  return setTimeout(run, 0, ...args);
}

export function clearImmediate(task: unknown): void {
  clearTimeout(task as number);
}
