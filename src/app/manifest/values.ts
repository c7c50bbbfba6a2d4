/** The closed sets of values; the first three are frozen in part by the product's documents (CONTRACTS §4). */
export const BUILD_KINDS = ['docker', 'wasm', 'js'] as const;
export const RUNTIME_KINDS = ['wasm-http', 'worker', 'docker', 'firecracker'] as const;
export const LIFECYCLES = ['on_request', 'always_on'] as const;
export const VISIBILITIES = ['private', 'public'] as const;
export const ISOLATIONS = ['pool', 'request'] as const;
