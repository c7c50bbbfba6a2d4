import { derivedId } from '../../kit/index.ts';

/** Namespace of credential ids that follow from a name, so that issuing anew ends the token before. */
const NAMESPACE = '7b0f7f0e-1f0c-4c39-8a52-6f2a1d7c9b11';

/** Id of the credential that belongs to a name of this machine: its owner's, a supervisor's. Other tokens get new ids. */
export function credentialIdOf(kind: 'person' | 'supervisor', name: string): string {
  return derivedId(NAMESPACE, `${kind}/${name}`);
}
