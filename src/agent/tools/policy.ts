/** What the dispatcher does with a call: `ask` lets a person decide. */
export type Verdict = 'allow' | 'ask' | 'deny';

/** Verdicts by tool name. What is not named is asked about: a new tool is never free by accident. */
export type ToolPolicy = Readonly<Record<string, Verdict>>;

/** These tools reach the workspace and the checker only, which a model may use as it likes. */
export const WORKSPACE_POLICY: ToolPolicy = {
  write_file: 'allow',
  read_file: 'allow',
  list_files: 'allow',
  check_app: 'allow',
};

export function verdictOn(policy: ToolPolicy, tool: string): Verdict {
  return Object.hasOwn(policy, tool) ? (policy[tool] ?? 'ask') : 'ask';
}
