import { describeCapability, type Manifest, requestedCapabilities } from '../app/index.ts';

/** One thing an app may do, or asks for, read from its parsed manifest and never from what a model says about it. */
export interface Right {
  /** Key of the manifest, e.g. `app.visibility`. */
  readonly key: string;
  /** What it means, e.g. "call api.stripe.com". */
  readonly text: string;
  /** `asked`: it waits for a person's yes, unless the app was granted it before. */
  readonly state: 'granted' | 'asked';
  /** What a person grants with a yes; null: it needs no grant. */
  readonly capability: string | null;
}

/**
 * All rights of a manifest that a person should see before saying yes (CONTRACTS §4a).
 *
 * @param office segments are written for it
 */
export function rightsOf(manifest: Manifest, office: string): readonly Right[] {
  const asked = requestedCapabilities(manifest, office).map((capability): Right => {
    const { key, text } = describeCapability(capability);
    return { key, text, state: 'asked', capability };
  });
  return [
    ...(manifest.app.visibility === 'public' ? [] : [PRIVATE]),
    ...asked,
    ...(manifest.runtime.lifecycle === 'always_on' ? [ALWAYS_ON] : []),
  ];
}

const PRIVATE: Right = {
  key: 'app.visibility',
  text: 'private: only who is signed in, or has a credential of the office',
  state: 'granted',
  capability: null,
};

const ALWAYS_ON: Right = {
  key: 'runtime.lifecycle',
  text: 'always on: runs without being called',
  state: 'granted',
  capability: null,
};
