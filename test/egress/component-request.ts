/** A request as a component tells it to its host, part by part. */
export interface ComponentRequest {
  /** Default: GET. */
  readonly method?: string;
  /** Default: http. */
  readonly scheme?: string;
  readonly authority: string;
  /** Default: `/`. */
  readonly path?: string;
  /** One byte per character in the values. */
  readonly headers?: readonly (readonly [name: string, value: string])[];
  readonly body?: string;
}
