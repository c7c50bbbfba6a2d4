/**
 * The package that a path belongs to, e.g. `@hono/zod-openapi` for `node_modules/hono/node_modules/@hono/zod-openapi/x.js`; null for
 * a file of the app itself. Of an import such as `hono/jsx`, given as `node_modules/hono/jsx`, likewise.
 */
export function packageOf(path: string): string | null {
  const [, name] = /^(?:.*[/\\])?node_modules[/\\]((?:@[^/\\]+[/\\])?[^/\\]+)/.exec(path) ?? [];
  return name?.replace('\\', '/') ?? null;
}
