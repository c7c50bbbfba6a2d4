import { builtinModules } from 'node:module';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { type TemporaryFolder, temporaryFolder } from '../../../app-folder.fixture.ts';
import { failureOf } from '../../../failure.fixture.ts';
import { type Bundle, bundleApp } from '../bundle.ts';
import { membersOf } from './missing-members.ts';
import { PROVIDED_MODULES } from './provided.ts';
import { refusalOf, refusedModule } from './refused.ts';

const MAIN = 'src/index.ts';
const DOC = join(import.meta.dirname, '../../../../../docs/node-modules.md');

let app: TemporaryFolder;
beforeEach(async () => {
  app = await temporaryFolder();
  return () => app[Symbol.asyncDispose]();
});

async function bundle(files: Readonly<Record<string, string>>): Promise<Bundle> {
  return bundleApp(await app.write(files), MAIN);
}

const appOf = (line: string): string => `\n${line}\nexport default { fetch: () => new Response(String(m)) };`;

/** Files of the bundle. */
function sources({ map }: Bundle): readonly string[] {
  const { sources: all } = JSON.parse(map) as { sources: string[] };
  return all.filter((source) => !source.startsWith('node:tabbify-global:')); // of which nothing is left where nothing uses them
}

/** A package in the app's folder, as an install leaves it. */
function installed(name: string, manifest: object, files: Readonly<Record<string, string>>) {
  const folder = `node_modules/${name}`;
  return {
    [`${folder}/package.json`]: JSON.stringify({ name, version: '1.0.0', ...manifest }),
    ...Object.fromEntries(Object.entries(files).map(([path, text]) => [`${folder}/${path}`, text])),
  };
}

const MODULES = builtinModules.filter((name) => !name.startsWith('_') && !name.startsWith('node:'));
const PREFIXED = ['ffi', 'sea', 'sqlite', 'test'];

describe('modules of Node in a component', () => {
  it('are each there or refused with words of their own, which the documentation has', async () => {
    const rows: string[] = [];
    for (const name of [...MODULES, ...PREFIXED].sort()) {
      if (PROVIDED_MODULES.has(name)) {
        const { missing } = await membersOf(name);
        const lacks = missing.map((member) => `\`${member}\``).join(' ');
        rows.push(`| \`${name}\` | yes${lacks === '' ? '' : `, but for ${lacks}`} |`);
      } else {
        const { why, instead } = refusedModule(name);
        rows.push(`| \`${name}\` | no: it ${why}. ${instead} |`);
      }
    }
    const text = [
      '# Modules of Node in a wasm-http app',
      '',
      'What an app can import as `wasm-http`, with `node:` or without; as `worker` it has all that Node has ([write an app](write-an-app.md)). A module that is',
      'not there is an error of the build where the app imports it, and so is a name that a module lacks. (This table is made by the tests.)',
      '',
      '| module | as `wasm-http` |',
      '|---|---|',
      ...rows,
      '',
    ].join('\n');
    await expect(text).toMatchFileSnapshot(DOC);
  });

  it.each(MODULES.concat(PREFIXED.map((name) => `node:${name}`)))(
    '%s is bundled, or an error with its place and what to do',
    async (name) => {
      const made = bundle({ [MAIN]: appOf(`import * as m from '${name}';`) });
      if (PROVIDED_MODULES.has(name)) {
        expect((await made).code).not.toMatch(/from "(?!wasi:)/);
        return;
      }
      const error = await failureOf(made);
      const { text, hint } = refusalOf(name);
      expect(error).toMatchObject({ what: `${MAIN}:2:20: ${text}`, hint });
      expect(error.why).toContain(`2 | import * as m from '${name}';\n${' '.repeat(4 + 19)}^`);
      expect(hint).toContain('`worker`');
    },
  );

  it('bring nothing along where an app uses none of them', async () => {
    const made = await bundle({
      [MAIN]: 'const m = process.env.A; export default { fetch: () => new Response(typeof m) };',
    });
    expect(
      sources(made)
        .filter((source) => source.startsWith('node:'))
        .sort(),
    ).toEqual(['node:tabbify/process.ts']);
    const none = await bundle({
      [MAIN]: 'export default { fetch: () => new Response("Buffer process crypto") };',
    });
    expect(sources(none).filter((source) => source.startsWith('node:'))).toEqual([]);
  });

  it('bring only what is used', async () => {
    const made = await bundle({ [MAIN]: appOf(`import { randomUUID as m } from 'crypto';`) });
    expect(sources(made).filter((source) => source.startsWith('node:'))).toEqual(['node:tabbify/crypto.ts']);
  });

  it('stand for globals that the app does not declare itself', async () => {
    const made = await bundle({
      [MAIN]:
        'const setImmediate = 1; const m = [Buffer, setImmediate]; export default { fetch: () => new Response(String(m)) };',
    });
    expect(sources(made)).toContain('node:node_modules/buffer/index.js');
    expect(sources(made)).not.toContain('node:tabbify/immediate.ts');
  });

  it('go before packages of the same name, as in Node; those with a slash are packages', async () => {
    const own = installed('events', {}, { 'index.js': 'module.exports = "CANARY";' });
    const made = await bundle({ [MAIN]: appOf("import m from 'events';"), ...own });
    expect(made.code).not.toContain('CANARY');
    expect((await bundle({ [MAIN]: appOf("import m from 'events/';"), ...own })).code).toContain('CANARY');
  });

  it('say nothing of where the platform lies, and are the same wherever the app does', async () => {
    const files = { [MAIN]: appOf("import m from 'crypto';") };
    await using other = await temporaryFolder();
    const first = await bundle(files);
    const second = await bundleApp(await other.write(files), MAIN);
    expect([second.code, second.map]).toEqual([first.code, first.map]);
    expect(first.code + first.map).not.toContain(join(import.meta.dirname, '../../../../..'));
  });
});

describe('what a module of Node lacks in a component', () => {
  it('is an error where the app imports it by name', async () => {
    const error = await failureOf(
      bundle({ [MAIN]: appOf("import { randomUUID, createCipheriv as m } from 'node:crypto';") }),
    );
    expect(error.what).toBe(
      `${MAIN}:2:22: createCipheriv of node:crypto is not there: the app is built as wasm-http, which has a part of that module`,
    );
    expect(error.hint).toMatch(/@noble\/ciphers.*`worker`/);
  });

  it.each([
    ["import c from 'crypto';", 'c.createCipheriv'],
    ["import * as c from 'node:crypto';", 'c.createCipheriv'],
    ["const c = require('node:crypto');", 'c.createCipheriv'],
  ])('is a warning where the app looks it up: %s', async (line, use) => {
    const { warnings } = await bundle({
      [MAIN]: `${line}\nexport default { fetch: () => new Response(\n  String(${use})) };`,
    });
    expect(warnings).toEqual([
      expect.stringMatching(
        /^src\/index\.ts:3:1\d: createCipheriv of node:crypto is not there.*@noble\/ciphers/,
      ),
    ]);
  });

  it('is left to fail by its name in a package, which may not need it', async () => {
    const { code, warnings } = await bundle({
      [MAIN]: appOf("import m from 'tool';"),
      ...installed(
        'tool',
        { type: 'module' },
        { 'index.js': `import { createCipheriv } from 'crypto'; export default [createCipheriv];` },
      ),
    });
    expect(code).toContain('"createCipheriv"');
    expect(warnings).toEqual([]);
  });
});

describe('what a package asks of Node', () => {
  const asking = (text: string, manifest: object = {}) => ({
    [MAIN]: appOf("import m from 'tool';"),
    ...installed('tool', manifest, { 'index.js': text, 'other.js': 'module.exports = "OTHER";' }),
  });

  it('is what its manifest has for browsers', async () => {
    const browser = { fs: false, net: './other.js' };
    const { code } = await bundle(asking('module.exports = [require("fs"), require("net")];', { browser }));
    expect(code).toContain('OTHER');
  });

  it('may be missing where it tries', async () => {
    const { code } = await bundle(asking('try { exports.net = require("node:net"); } catch {}'));
    expect(code).toContain('"node:net"');
  });

  it.each(['exports.net = require("net");', 'import("node:net");', 'import "net";'])(
    'is an error otherwise: %s',
    async (text) => {
      const error = await failureOf(bundle(asking(text)));
      expect(error.what).toMatch(
        /^node_modules\/tool\/index\.js:1:\d+: "(node:)?net" is not there.*wasm-http/,
      );
      expect(error.hint).toContain('`fetch`');
    },
  );

  it('is Node’s module itself where it requires it, not a module with a default', async () => {
    const { code } = await bundle(
      asking('const E = require("events"); module.exports = class extends E {};'),
    );
    expect(code).toContain('withMissing');
  });
});
