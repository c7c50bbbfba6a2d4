/** What `/proc/<pid>/status` says of a process (proc(5)). */
export interface ProcessStatus {
  /** Real, effective, saved and file system's. */
  readonly uids: readonly number[];
  readonly gids: readonly number[];
  readonly groups: readonly number[];
  /** By name (`CapEff` …), in hexadecimal. */
  readonly capabilities: Readonly<Record<string, string>>;
  readonly noNewPrivileges: string;
  /** 2: a filter decides on its system calls. */
  readonly seccomp: string;
  /** Its pid in each process namespace, from ours to its own. */
  readonly pids: readonly number[];
}

export function parseStatus(text: string): ProcessStatus {
  const fields = new Map(
    text.split('\n').map((line) => {
      const colon = line.indexOf(':');
      return [line.slice(0, colon), line.slice(colon + 1).trim()];
    }),
  );
  const numbers = (name: string) => (fields.get(name) ?? '').split(/\s+/).filter(Boolean).map(Number);
  return {
    uids: numbers('Uid'),
    gids: numbers('Gid'),
    groups: numbers('Groups'),
    capabilities: Object.fromEntries([...fields].filter(([name]) => /^Cap[A-Z]/.test(name))),
    noNewPrivileges: fields.get('NoNewPrivs') ?? '',
    seccomp: fields.get('Seccomp') ?? '',
    pids: numbers('NSpid'),
  };
}
