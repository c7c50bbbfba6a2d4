import { builderError } from '../../errors.ts';

/**
 * Core instances of one component. Each has fuel of its own, so their number bounds what one request may burn; a component
 * from one program has three or four, one that is composed of others as many for each.
 */
const MAX_INSTANCES = 100;

const LOADED = /const (module\d+) = getCoreModule\('([^']+)'\)/g;
const INSTANTIATED = /instantiateCore\(yield (module\d+)/g;

/**
 * How often the glue instantiates each core module: a component may do so more than once, and each time there are new
 * memories and tables.
 *
 * @param glue text of the module as jco made it, not minified
 * @param cores file names of the core modules
 * @throws TabbifyError `build_failed` for too many; an error for glue that is written in another way
 */
export function coreInstances(glue: string, cores: Iterable<string>): ReadonlyMap<string, number> {
  const files = new Map([...glue.matchAll(LOADED)].map(([, name, file]) => [name, file]));
  const instances = new Map<string, number>();
  let total = 0;
  for (const [, name] of glue.matchAll(INSTANTIATED)) {
    const file = files.get(name) ?? '';
    instances.set(file, (instances.get(file) ?? 0) + 1);
    total += 1;
  }
  for (const core of cores) {
    if (!instances.has(core)) throw new Error(`the glue does not say how often it instantiates ${core}`);
  }
  if (total <= MAX_INSTANCES) return instances;
  throw builderError('build_failed', {
    what: `The component consists of ${total} core instances`,
    why: `${MAX_INSTANCES} are the most`,
    hint: 'Compose it of fewer components.',
  });
}
