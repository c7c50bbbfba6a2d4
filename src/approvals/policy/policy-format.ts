import type { KeySpecs } from '../../app/index.ts';

/** More than this no office can get together. */
export const MAX_PERSONS = 10;
/** Each of them is compared with whatever an app asks for, and again by the policy's own tests: in the node, while others wait. */
export const MAX_RULES = 200;
/** Characters; the longest host name has 253. */
export const MAX_MATCH = 300;
/** Rules times capabilities in its tests. */
export const MAX_COMPARISONS = 20_000;
/** Thirty days. */
const MAX_HOURS = 720;
const MAX_MB = 1 << 20;

export const AUTO_APPROVE = ['same-bundle'] as const;
export const DECISIONS = ['deny'] as const;
export const ACTORS = ['agent', 'person'] as const;

const persons: KeySpecs = {
  persons: {
    doc: 'How many must say yes',
    value: { type: 'integer', min: 1, max: MAX_PERSONS },
  },
};

/** All that an `office.toml` may say; docs/policy.md says it to people. */
export const POLICY_FORMAT: KeySpecs = {
  approvals: {
    doc: 'What holds where no rule says otherwise',
    value: {
      type: 'table',
      keys: {
        auto_approve: { doc: 'What needs no person', value: { type: 'texts' } },
        ...persons,
        expires_hours: {
          doc: 'Hours after which what nobody has decided is denied',
          value: { type: 'integer', min: 1, max: MAX_HOURS },
        },
      },
    },
  },
  rule: {
    doc: 'What some capabilities demand',
    value: {
      type: 'tables',
      keys: {
        match: { doc: 'Capabilities that it is about', value: { type: 'text' }, required: true },
        ...persons,
        decision: { doc: 'Nobody can say yes', value: { type: 'one_of', values: DECISIONS } },
        apps: { doc: 'The only apps that it is about', value: { type: 'texts' } },
      },
    },
  },
  limits: {
    doc: 'What an app may use without asking',
    value: {
      type: 'table',
      keys: {
        memory_mb: { doc: 'MiB', value: { type: 'integer', min: 1, max: MAX_MB } },
        vcpus: { doc: 'Processors', value: { type: 'integer', min: 1, max: 256 } },
        data_mb: { doc: 'MiB of data', value: { type: 'integer', min: 1, max: MAX_MB } },
        fuel_per_request: {
          doc: 'Instructions for a request',
          value: { type: 'integer', min: 1, max: Number.MAX_SAFE_INTEGER },
        },
      },
    },
  },
  test: {
    doc: 'What the policy is to say',
    value: {
      type: 'tables',
      keys: {
        name: { doc: 'What is tested', value: { type: 'text' }, required: true },
        actor: { doc: 'Who asks', value: { type: 'one_of', values: ACTORS }, required: true },
        approves: { doc: 'The person who asks says yes and may', value: { type: 'boolean' } },
        app: { doc: 'Name of the app', value: { type: 'text' }, required: true },
        adds: { doc: 'Capabilities that are new', value: { type: 'texts' } },
        expect: { doc: 'What comes out', value: { type: 'text' }, required: true },
      },
    },
  },
};
