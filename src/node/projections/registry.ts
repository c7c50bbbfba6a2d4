import { deliveries } from './deliveries.ts';
import type { Projection } from './projection.ts';
import { timeline } from './timeline/timeline.ts';

/** Every projection of this version. One that is not here any more is removed from the file. */
export const PROJECTIONS: readonly Projection[] = [timeline, deliveries];
