import { type Variant, WasiFailure } from '../failure.ts';
import { isFieldName } from './field-rules.ts';

const KNOWN = new Set(['get', 'head', 'post', 'put', 'delete', 'connect', 'options', 'trace', 'patch']);

/** @param method as on the wire, e.g. `GET` */
export function methodVariant(method: string): Variant {
  const lower = method.toLowerCase();
  return KNOWN.has(lower) && method === method.toUpperCase() ? { tag: lower } : { tag: 'other', val: method };
}

/** @throws WasiFailure for what is no token */
export function checkedMethod(method: Variant): Variant {
  if (method.tag === 'other' && !isFieldName(String(method.val).toLowerCase())) throw new WasiFailure();
  return method;
}
