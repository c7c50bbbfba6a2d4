/** Isolation classes, strongest first (CONTRACTS §4). */
export const ISOLATION_CLASSES = ['vm', 'wasm', 'process', 'wasm-bare'] as const;
export type IsolationClass = (typeof ISOLATION_CLASSES)[number];

/** Does one class keep an app in at least as well as another one? */
export function isAsStrong(isolation: IsolationClass, as: IsolationClass): boolean {
  return ISOLATION_CLASSES.indexOf(isolation) <= ISOLATION_CLASSES.indexOf(as);
}
