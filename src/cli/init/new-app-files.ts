import { isUtf8 } from 'node:buffer';
import { MANIFEST_FILE } from '../../app/index.ts';
import { APP_TYPES_FILE } from './app-types.ts';

/** What a new app is made of. */
export interface NewApp {
  readonly name: string;
  /** Name of the example that it begins as, and its files by path. */
  readonly template: string;
  readonly example: ReadonlyMap<string, Buffer>;
  /** Where editors find the format of the manifest. */
  readonly schemaUrl: string;
  /** Types of what the platform gives to app code. */
  readonly types: string;
}

/** The files of a new app by path: those of the example under the app's own name, and what its author's tools need. */
export function newAppFiles(app: NewApp): ReadonlyMap<string, Buffer> {
  const files = new Map<string, Buffer>();
  for (const [path, content] of app.example) files.set(path, renamed(path, content, app));
  const add = (path: string, text: string): void => {
    if (!files.has(path)) files.set(path, Buffer.from(text));
  };
  add('.gitignore', GIT_IGNORE);
  add('.tabbifyignore', TABBIFY_IGNORE);
  if ([...files.keys()].some((path) => path.endsWith('.ts'))) {
    add('tsconfig.json', TSCONFIG);
    add(APP_TYPES_FILE, app.types);
  }
  return files;
}

function renamed(path: string, content: Buffer, { name, template, schemaUrl }: NewApp): Buffer {
  if (!isUtf8(content)) return content;
  // In the words of an example its folder is named as it lies beside the platform.
  const text = content
    .toString()
    .replaceAll(`examples/${template}/`, '')
    .replaceAll(`examples/${template}`, '.');
  switch (path) {
    case MANIFEST_FILE:
      return Buffer.from(`#:schema ${schemaUrl}\n\n${withName(text, template, name)}`);
    case 'package.json':
      return Buffer.from(text.replace(`"name": "${template}"`, `"name": "${name}"`));
    case 'package-lock.json':
      // Its own name, and that of the folder that it locks.
      return Buffer.from(text.replaceAll(`"name": "${template}"`, `"name": "${name}"`));
    case 'README.md':
      return Buffer.from(text.replace(`# ${template}`, `# ${name}`));
    default:
      return Buffer.from(text);
  }
}

/** In the line of `app.name`, the comment that says its address included. */
function withName(manifest: string, template: string, name: string): string {
  return manifest.replace(/^name\s*=.*$/m, (line) => line.replaceAll(template, name));
}

const GIT_IGNORE = `node_modules/
.tabbify/
*.log
`;

const TABBIFY_IGNORE = `# Not uploaded, in the syntax of .gitignore. Left out anyway: tabbify.lock, .git, node_modules, target.
.tabbify/
.env*
*.log
`;

const TSCONFIG = `{
  "compilerOptions": {
    "target": "es2024",
    "lib": ["es2024", "dom", "dom.iterable", "dom.asynciterable"],
    "types": ["node"],
    "module": "esnext",
    "moduleResolution": "bundler",
    "jsx": "react-jsx",
    "jsxImportSource": "hono/jsx",
    "strict": true,
    "noUncheckedIndexedAccess": true,
    "erasableSyntaxOnly": true,
    "verbatimModuleSyntax": true,
    "allowImportingTsExtensions": true,
    "resolveJsonModule": true,
    "noEmit": true,
    "skipLibCheck": true
  },
  "include": ["src", "${APP_TYPES_FILE}"]
}
`;
