import { setTimeout as wait } from 'node:timers/promises';
import { type DiagLogger, DiagLogLevel, diag, SpanKind, SpanStatusCode } from '@opentelemetry/api';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import {
  defaultResource,
  detectResources,
  resourceAttributesEnvDetector,
  resourceFromAttributes,
  serviceNameEnvDetector,
} from '@opentelemetry/resources';
import {
  AlwaysOffSampler,
  AlwaysOnSampler,
  BatchSpanProcessor,
  ParentBasedSampler,
  RandomIdGenerator,
  type Sampler,
  TraceIdRatioBasedSampler,
  TracerProvider,
} from '@opentelemetry/sdk-trace';
import type { Logger } from '../../kit/index.ts';
import type { RunnerSpan } from './runner-window.ts';
import type { TracingSettings } from './settings.ts';
import { beginVisit, type SpanMakers } from './traced-visit.ts';
import type { Tracing } from './tracing.ts';

/** Spans that wait for the collector at most; what is more is dropped. */
const MAX_WAITING = 2_048;
/** Milliseconds that an office which closes gives to its last spans. */
const CLOSE_MS = 1_000;
/** Milliseconds between two lines about a collector that fails. */
const COMPLAIN_EVERY_MS = 60_000;
const MAX_COMPLAINT = 300;

/** Opens the way to the collector. Loaded only where one is configured: the SDK is 85 KB of code and some 25 MB of memory. */
export function openTracing(settings: TracingSettings, logger: Logger): Tracing {
  diag.setLogger(complaints(logger), { logLevel: DiagLogLevel.WARN, suppressOverrideMessage: true });
  const resource = defaultResource()
    .merge(resourceFromAttributes({ 'service.name': 'tabbify' }))
    .merge(detectResources({ detectors: [resourceAttributesEnvDetector, serviceNameEnvDetector] }));
  const closing = new AbortController();
  // A connection that is opened with a signal ends with it: an office that closes does not live on until its collector answers.
  const connections = { keepAlive: true, ...settings.tls, signal: closing.signal };
  const exporter = new OTLPTraceExporter({ url: settings.url, httpAgentOptions: connections });
  const processor = new BatchSpanProcessor({ exporter, maxQueueSize: MAX_WAITING });
  const shared = { resource, spanProcessors: [processor] };
  const edge = new TracerProvider({ ...shared, sampler: samplerOf(settings) });

  // The runner has chosen the id of its span, so that the app could be given it. Starting a span asks for one id, at once.
  const random = new RandomIdGenerator();
  let told = '';
  const runners = new TracerProvider({
    ...shared,
    sampler: new AlwaysOnSampler(), // only what is recorded is asked for
    idGenerator: { generateTraceId: () => random.generateTraceId(), generateSpanId: () => told },
  }).getTracer('tabbify.runner');

  const makers: SpanMakers = {
    edge: edge.getTracer('tabbify.edge'),
    ofRunner({ spanId, name, context, attributes, beganMs, headMs, endMs, failure }: RunnerSpan) {
      told = spanId;
      const span = runners.startSpan(
        name,
        { kind: SpanKind.SERVER, startTime: beganMs, attributes },
        context,
      );
      span.addEvent('head', headMs);
      if (failure !== null) {
        span.setAttribute('error.type', failure).setStatus({ code: SpanStatusCode.ERROR });
      }
      span.end(endMs);
    },
  };
  logger.info({ sampler: settings.sampler }, 'visits are traced');
  return {
    begin: (visit) => beginVisit(makers, visit),
    async close() {
      const given = new AbortController();
      const late = wait(CLOSE_MS, undefined, { signal: given.signal }).catch(() => {});
      // whatever went wrong has been said by `complaints`
      await Promise.race([edge.shutdown().catch(() => {}), late]);
      given.abort();
      closing.abort(new Error('the office is closing'));
    },
  };
}

function samplerOf({ sampler, ratio }: TracingSettings): Sampler {
  const kind = sampler.replace('parentbased_', '');
  const root =
    kind === 'always_on'
      ? new AlwaysOnSampler()
      : kind === 'always_off'
        ? new AlwaysOffSampler()
        : new TraceIdRatioBasedSampler(ratio);
  return sampler.startsWith('parentbased_') ? new ParentBasedSampler({ root }) : root;
}

/** What the SDK says goes to the office's log, a line a minute: a collector that is away stays away for a while. */
function complaints(logger: Logger): DiagLogger {
  let quietUntil = 0;
  const complain = (message: string): void => {
    if (performance.now() < quietUntil) return;
    quietUntil = performance.now() + COMPLAIN_EVERY_MS;
    logger.warn({ said: message.slice(0, MAX_COMPLAINT) }, 'traces do not get through');
  };
  const silent = (): void => {};
  return { error: complain, warn: complain, info: silent, debug: silent, verbose: silent };
}
