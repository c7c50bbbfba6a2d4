import { builder } from './builder.ts';
import type { Check } from './check.ts';
import { diskSpace } from './disk-space.ts';
import { home } from './home.ts';
import { logSize } from './log-size.ts';
import { model } from './model.ts';
import { nodeVersion } from './node-version.ts';
import { office } from './office.ts';
import { ports } from './ports.ts';
import { runner } from './runner.ts';
import { walls } from './walls.ts';

/** Everything `tabbify doctor` looks at, in this order. */
export const CHECKS: readonly Check[] = [
  nodeVersion,
  home,
  diskSpace,
  ports,
  office,
  logSize,
  builder,
  runner,
  walls,
  model,
];
