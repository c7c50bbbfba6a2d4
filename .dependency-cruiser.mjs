/**
 * The walls of the house: a room never imports one above it, and a room is entered by its index.ts alone. What tests use of
 * other rooms has a door of its own, `testing/index.ts`, which is closed to everything else.
 * The order is the table of the design; `test/checks/layers.test.ts` plants a violation and sees it fail.
 */
export const ROOMS = [
  'cli',
  'dev',
  'office',
  'mcp',
  'agent',
  'node',
  'gateway',
  'supervisor',
  'runner',
  'runtimes',
  'data',
  'builder',
  'sandbox',
  'egress',
  'mesh',
  'secrets',
  'approvals',
  'artifacts',
  'state',
  'log',
  'app',
  'kit',
];

const neverUp = ROOMS.slice(1).map((room, index) => ({
  name: `${room}-never-imports-a-room-above`,
  severity: 'error',
  from: { path: `^src/${room}/` },
  to: { path: `^src/(${ROOMS.slice(0, index + 1).join('|')})/` },
}));

const byTheDoor = ROOMS.map((room) => ({
  name: `${room}-is-entered-by-its-index`,
  severity: 'error',
  from: { path: '^(src|test|bench)/', pathNot: `^src/${room}/` },
  to: { path: `^src/${room}/`, pathNot: `^src/${room}/(testing/)?index\\.ts$` },
}));

const testDoor = {
  name: 'what-is-for-tests-is-entered-by-tests',
  severity: 'error',
  from: {
    path: '^src/',
    pathNot: ['[.](test|conformance|fixture)[.]ts$', '/(testing|test-support|conformance)/'],
  },
  to: { path: ['^src/.+/testing/', '^src/.+/test-support/'] },
};

/** An office that traces nothing pays nothing for it; a runner never has it (ADR 21). */
const loadedWhenConfigured = {
  name: 'tracing-is-loaded-when-configured',
  severity: 'error',
  from: { path: '^src/', pathNot: ['^src/node/tracing/', '[.]test[.]ts$'] },
  to: {
    path: [
      '(^|/)node_modules/@opentelemetry/',
      '^src/node/tracing/(open-tracing|traced-visit|visit-context)[.]ts$',
    ],
    dynamic: false,
    dependencyTypesNot: ['type-only'],
  },
};

/** A module for Node is built without the tools of components: loading them takes longer than the build. */
const componentToolsWhenNeeded = {
  name: 'component-tools-are-loaded-for-components',
  severity: 'error',
  from: { path: '^src/builder/', pathNot: ['^src/builder/child/component/', '[.](test|fixture)[.]ts$'] },
  to: { path: ['^src/builder/child/component/', '(^|/)node_modules/@bytecodealliance/'], dynamic: false },
};

export default {
  forbidden: [
    { name: 'no-circular', severity: 'error', from: {}, to: { circular: true } },
    { name: 'no-unresolvable', severity: 'error', from: {}, to: { couldNotResolve: true } },
    {
      name: 'pure-rooms-do-no-io',
      severity: 'error',
      from: { path: '^src/(app|state|approvals)/', pathNot: '\\.test\\.ts$' },
      to: { path: '^(node:)?(fs|net|http|https|child_process|worker_threads|sqlite|dgram)' },
    },
    ...neverUp,
    ...byTheDoor,
    testDoor,
    loadedWhenConfigured,
    componentToolsWhenNeeded,
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '/fixtures/' },
    tsConfig: { fileName: 'tsconfig.json' },
    tsPreCompilationDeps: true,
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      extensions: ['.ts', '.mjs', '.js'],
      conditionNames: ['import', 'node', 'default'],
    },
  },
};
