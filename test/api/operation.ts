/** One operation of the API, as the running node describes it. */
export interface Operation {
  readonly method: string;
  /** Template, e.g. `/v1/apps/{uuid}/deploy`. */
  readonly path: string;
  /** `POST /v1/apps/{uuid}/deploy`. */
  readonly key: string;
}

/** The part of an OpenAPI document that is looked at. */
export interface OpenApiDocument {
  readonly paths: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
}

const METHODS = new Set(['get', 'post', 'put', 'patch', 'delete', 'head', 'options', 'trace']);

/** Every operation of the document. */
export function operationsOf({ paths }: OpenApiDocument): Operation[] {
  return Object.entries(paths).flatMap(([path, item]) =>
    Object.keys(item)
      .filter((method) => METHODS.has(method))
      .map((method) => {
        const upper = method.toUpperCase();
        return { method: upper, path, key: `${upper} ${path}` };
      }),
  );
}

export function isMutation({ method }: Pick<Operation, 'method'>): boolean {
  return method === 'POST' || method === 'PUT' || method === 'PATCH' || method === 'DELETE';
}
