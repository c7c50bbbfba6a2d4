import type { OptionSpec } from '../command.ts';

/** As the product's first documents call `--office`; it comes to the context in its place. */
export const tenantOption: OptionSpec = {
  flags: '--tenant <slug>',
  summary: 'the same as --office',
};
