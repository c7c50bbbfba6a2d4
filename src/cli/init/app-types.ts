import { readFile } from 'node:fs/promises';

/** The file in an app's folder that tells its author's editor what the platform gives to app code. */
export const APP_TYPES_FILE = 'tabbify-env.d.ts';

const SDK = new URL('../../../sdk/', import.meta.url);

const HEAD = `// What the platform gives to app code, for your editor. Written by \`tcli init\`, and anew by \`tcli types\`.
`;

/**
 * What goes into it. One file that names the modules: it needs no package, so nothing that npm does takes it away, and no setting
 * of the compiler.
 */
export async function appTypes(): Promise<string> {
  const [files, api] = await Promise.all(
    ['files.d.ts', 'index.d.ts'].map((name) => readFile(new URL(name, SDK), 'utf8')),
  );
  const indented = api?.trimEnd().replaceAll(/^(?=.)/gm, '  ');
  return `${HEAD}\n${files}\ndeclare module '@tabbify/sdk' {\n${indented}\n}\n`;
}
