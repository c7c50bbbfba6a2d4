/** Which of the traces that begin here are recorded; what a visitor's own trace says counts before it in the `parentbased_` ones. */
export const SAMPLERS = [
  'always_on',
  'always_off',
  'traceidratio',
  'parentbased_always_on',
  'parentbased_always_off',
  'parentbased_traceidratio',
] as const;

/** How visits are traced. Headers, timeout and compression of the exporter are read from `OTEL_EXPORTER_OTLP_*` by itself. */
export interface TracingSettings {
  /** Where spans are sent: OTLP over HTTP as JSON. */
  readonly url: string;
  readonly sampler: (typeof SAMPLERS)[number];
  /** 0 to 1, for the two samplers by ratio. */
  readonly ratio: number;
  /** Contents of PEM files, for a collector that asks for it. */
  readonly tls: { readonly ca?: Buffer; readonly cert?: Buffer; readonly key?: Buffer };
}
