import { fileURLToPath } from 'node:url';

/** `.ts` in a checkout, `.js` in the published package. */
const EXTENSION = import.meta.url.endsWith('.ts') ? 'ts' : 'js';

/** A program that is laid down beside the runner: its name there, and the module it is made of. */
interface GuestProgramFile {
  readonly name: string;
  readonly entry: string;
}

function program(name: string, module: string): GuestProgramFile {
  return { name, entry: fileURLToPath(new URL(`${module}.${EXTENSION}`, import.meta.url)) };
}

/** What runs in the box of an app: the guest, and what it loads when it gets a component. */
export const GUEST_PROGRAMS = {
  guest: program('guest.mjs', './boxed/guest/main'),
  component: program('guest-component.mjs', './wasm-http/guest/main'),
} as const;
