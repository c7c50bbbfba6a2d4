import { transform } from 'esbuild';

/** jco's trace of every step; as a name that nobody defines, calls of it can be dropped together with what they would print. */
const TRACE =
  /const _debugLog = \(\.\.\.args\) => \{\s*if \(!globalThis\?\.process\?\.env\?\.JCO_DEBUG\) \{ return; \}[^}]*\};?/;

/**
 * Makes jco's glue module as small and quick as it can be without changing what it does: minified, and without its trace
 * of every step, which looks into the environment some forty times a request (a third of the time of a small Hono app,
 * half of that of a bare component). Effects inside traced arguments stay.
 *
 * @param glue text of the module as jco made it, not minified
 */
export async function slimGlue(glue: string): Promise<string> {
  const untraced = await minified(glue.replace(TRACE, ''));
  return untraced.includes('_debugLog') ? minified(glue) : untraced; // a newer jco may write it in another way
}

async function minified(glue: string): Promise<string> {
  const { code } = await transform(glue, {
    format: 'esm',
    target: 'esnext',
    minify: true,
    pure: ['_debugLog'],
  });
  return code;
}
