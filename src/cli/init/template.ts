/**
 * The files of a new app. Every key that matters first is there, with what it means; the rest is in the docs.
 *
 * @param schemaUrl where editors find the format of the manifest
 */
export function newAppFiles(name: string, schemaUrl: string): Readonly<Record<string, string>> {
  return { 'tabbify.toml': manifest(name, schemaUrl), 'src/index.ts': SOURCE, '.tabbifyignore': IGNORE };
}

function manifest(name: string, schemaUrl: string): string {
  return `#:schema ${schemaUrl}

[app]
name        = "${name}"
description = ""
visibility  = "private"         # "public": anyone who reaches the office can call it

[build]
main = "src/index.ts"           # its default export answers requests

[runtime]
# type           = "wasm-http"  # a WebAssembly component; the default is "worker": Node in a sandbox
lifecycle        = "on_request" # "always_on": runs without being called
idle_timeout_sec = 300          # seconds without a request until it is stopped

# [env]
# GREETING = "Hello"            # fetch(request, env) gets it as env.GREETING
`;
}

const SOURCE = `export default {
  async fetch(request: Request): Promise<Response> {
    const { pathname } = new URL(request.url);
    if (pathname === '/') return new Response('Hello from Tabbify\\n');
    return new Response('Not found\\n', { status: 404 });
  },
};
`;

const IGNORE = `# Not uploaded, in the syntax of .gitignore. Left out anyway: tabbify.lock, .git, node_modules, target.
.env*
*.log
`;
