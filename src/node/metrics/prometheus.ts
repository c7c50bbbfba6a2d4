import { Counter, Gauge, type Histogram, Registry } from 'prom-client';
import { bucketName, LATENCY_BOUNDS_MS } from '../../runner/index.ts';
import type { Figures } from '../../supervisor/index.ts';
import type { HostFigures } from './host-figures.ts';
import type { NodeFigures } from './node-figures.ts';

/** An app of an office with what its hosts say of it. */
export interface ScrapedApp {
  readonly slug: string;
  readonly office: string;
  readonly state: string;
  /** Of each host that is there and has it. */
  readonly figures: readonly Pick<HostFigures, 'supervisor' | 'total' | 'memory_bytes'>[];
  /** What the node has answered with its static files; null: nothing. */
  readonly files: Figures | null;
}

/** Apps that get labels of their own: an office with thousands must not swamp whoever stores the series. */
const MAX_APPS = 1_000;
const LABELS = ['office', 'app', 'supervisor'] as const;
const CLASSES = ['2xx', '3xx', '4xx', '5xx'] as const;

type Labels = Readonly<Record<string, string>>;
interface Sample {
  readonly labels: Labels;
  /** Answers per bucket, each bucket alone. */
  readonly buckets: readonly number[];
  readonly sumMs: number;
}

export const PROMETHEUS_TYPE = Registry.PROMETHEUS_CONTENT_TYPE;

/**
 * The figures in the text format of Prometheus (version 0.0.4). An app has a series for each host, as its counters begin anew when
 * the supervisor of that host does, and in a sum that would look like a leap.
 *
 * @param machine null for whoever may see an office but not the machine
 */
export async function prometheusText(
  apps: readonly ScrapedApp[],
  machine: { readonly figures: NodeFigures; readonly logHead: number } | null,
): Promise<string> {
  const registry = new Registry();
  addApps(registry, apps);
  if (machine !== null) addMachine(registry, machine.figures, machine.logHead);
  return registry.metrics();
}

function addApps(registry: Registry, apps: readonly ScrapedApp[]): void {
  const gauge = (name: string, help: string, labelNames: string[]) =>
    new Gauge({ name, help, labelNames, registers: [registry] });
  const states = gauge('tabbify_apps', 'Apps by state', ['office', 'state']);
  for (const { office, state } of apps) states.inc({ office, state });
  const shown = apps.slice(0, MAX_APPS);
  gauge('tabbify_apps_left_out', 'Apps beyond the thousand that have series of their own', []).set(
    apps.length - shown.length,
  );
  const counter = (name: string, help: string, ...more: string[]) =>
    new Counter({ name, help, labelNames: [...LABELS, ...more], registers: [registry] });
  const requests = counter('tabbify_app_requests_total', 'Requests an app was given');
  const answers = counter('tabbify_app_answers_total', 'Answers of an app by class of status', 'class');
  const broken = counter('tabbify_app_broken_total', 'Answers that ended before they were whole');
  const cpu = counter('tabbify_app_cpu_seconds_total', 'Time on a processor');
  const fuel = counter('tabbify_app_fuel_total', 'Instructions burnt, where the runtime counts them');
  const colds = counter('tabbify_app_cold_starts_total', 'Starts with nothing running before');
  const coldSeconds = counter('tabbify_app_cold_start_seconds_total', 'Time these starts took');
  const restarts = counter('tabbify_app_restarts_total', 'Runners that ended unasked');
  const memory = gauge('tabbify_app_memory_bytes', 'Resident memory of the runner', [...LABELS]);
  const latencies: Sample[] = [];
  const series = shown.flatMap(({ office, slug: app, figures }) =>
    figures.map((each) => ({ ...each, labels: { office, app, supervisor: each.supervisor } })),
  );
  for (const { labels, total, memory_bytes } of series) {
    requests.inc(labels, total.requests);
    for (const each of CLASSES) answers.inc({ ...labels, class: each }, total[`answers_${each}`]);
    broken.inc(labels, total.broken);
    cpu.inc(labels, total.cpu_ms / 1000);
    if (total.fuel > 0) fuel.inc(labels, total.fuel);
    colds.inc(labels, total.cold_starts);
    coldSeconds.inc(labels, total.cold_start_ms / 1000);
    restarts.inc(labels, total.restarts);
    if (memory_bytes !== null) memory.set(labels, memory_bytes);
    latencies.push({ labels, buckets: total.buckets, sumMs: total.latency_ms });
  }
  addHistogram(
    registry,
    'tabbify_app_latency_seconds',
    'From a request to the head of its answer',
    latencies,
  );
  addFiles(registry, shown);
}

/** They are no host's: the node answers them, and no app is woken. */
function addFiles(registry: Registry, apps: readonly ScrapedApp[]): void {
  const counter = (name: string, help: string, ...more: string[]) =>
    new Counter({ name, help, labelNames: ['office', 'app', ...more], registers: [registry] });
  const requests = counter(
    'tabbify_app_file_requests_total',
    'Requests answered with static files of an app',
  );
  const answers = counter('tabbify_app_file_answers_total', 'These answers by class of status', 'class');
  const broken = counter('tabbify_app_file_broken_total', 'Those that ended before they were whole');
  const bytes = counter('tabbify_app_file_bytes_total', 'Written to visitors for them, heads included');
  const latencies: Sample[] = [];
  for (const { office, slug: app, files } of apps) {
    if (files === null) continue;
    const labels = { office, app };
    requests.inc(labels, files.requests);
    for (const each of CLASSES) answers.inc({ ...labels, class: each }, files[`answers_${each}`]);
    broken.inc(labels, files.broken);
    bytes.inc(labels, files.bytes);
    latencies.push({ labels, buckets: files.buckets, sumMs: files.latency_ms });
  }
  const help = 'From a request for a static file to the head of its answer';
  addHistogram(registry, 'tabbify_app_file_latency_seconds', help, latencies);
}

function addMachine(registry: Registry, figures: NodeFigures, logHead: number): void {
  const gauge = (name: string, help: string, labelNames: string[] = []) =>
    new Gauge({ name, help, labelNames, registers: [registry] });
  gauge('tabbify_log_head', 'Position of the last event').set(logHead);
  const appended = new Counter({
    name: 'tabbify_log_appended_total',
    help: 'Events appended since the node began',
    registers: [registry],
  });
  appended.inc(figures.appended());
  const answers = new Counter({
    name: 'tabbify_edge_answers_total',
    help: 'Answers of the node by class of status, those of apps and those of the office itself',
    labelNames: ['to', 'class'],
    registers: [registry],
  });
  const open = gauge('tabbify_edge_open_requests', 'Requests under way, streams among them', ['to']);
  const streams = gauge('tabbify_edge_open_streams', 'Answers whose head went out and which go on', ['to']);
  const latencies: Sample[] = [];
  for (const to of ['app', 'office'] as const) {
    const stats = figures.answers(to);
    for (const each of CLASSES) answers.inc({ to, class: each }, stats[`http_${each}`] ?? 0);
    open.set({ to }, stats.http_open ?? 0);
    streams.set({ to }, stats.http_streams ?? 0);
    const buckets = [...LATENCY_BOUNDS_MS, undefined].map((bound) => stats[bucketName(bound)] ?? 0);
    latencies.push({ labels: { to }, buckets, sumMs: stats.http_ms ?? 0 });
  }
  addHistogram(
    registry,
    'tabbify_edge_latency_seconds',
    'From a request to the head of its answer',
    latencies,
  );
  const delay = gauge(
    'tabbify_event_loop_delay_seconds',
    'How late the event loop was since the last scrape',
    ['quantile'],
  );
  const { p50, p99, max } = figures.loopDelay();
  for (const [quantile, ms] of Object.entries({ '0.5': p50, '0.99': p99, '1': max })) {
    delay.set({ quantile }, ms / 1000);
  }
  gauge('tabbify_memory_bytes', 'Resident memory of the office’s process').set(figures.memoryBytes());
}

/** A histogram that was counted elsewhere: the library's own can only be filled observation by observation. */
function addHistogram(registry: Registry, name: string, help: string, samples: readonly Sample[]): void {
  const values = samples.flatMap(({ labels, buckets, sumMs }) => {
    let upTo = 0;
    const bounds = [...LATENCY_BOUNDS_MS.map((ms) => String(ms / 1000)), '+Inf'];
    const counts = bounds.map((le, index) => {
      upTo += buckets[index] ?? 0;
      return { metricName: `${name}_bucket`, labels: { ...labels, le }, value: upTo };
    });
    return [
      ...counts,
      { metricName: `${name}_sum`, labels, value: sumMs / 1000 },
      { metricName: `${name}_count`, labels, value: upTo },
    ];
  });
  const counted = {
    name,
    help,
    type: 'histogram',
    aggregator: 'sum',
    get: async () => ({ name, help, type: 'histogram', values }),
  };
  registry.registerMetric(counted as unknown as Histogram);
}
