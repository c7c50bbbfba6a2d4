import type { BoxReport } from '../../sandbox/index.ts';
import type { RuntimeDescription } from '../runtime.ts';

/**
 * What a worker is held to where boxes are as reported. Memory: the box's bound for all in it. CPU: the box's share of the machine; where
 * boxes have none there is still the watchdog, which sees an app only after it has gone too far. Fuel is not counted: V8 has no such thing.
 */
export function describeWorker(report: Extract<BoxReport, { possible: true }>): RuntimeDescription {
  const { limits, lack } = report;
  const { memory, cpu } = limits;
  return {
    kind: 'worker',
    isolation: 'process',
    limits: { memory, fuel: 'unsupported', cpu: cpu === 'enforced' ? cpu : 'best_effort' },
    ...(lack !== null && { lack }),
  };
}
