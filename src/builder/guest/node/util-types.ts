/** By what a value says of itself, as far as that cannot be seen by its class. */
const tagged =
  (...tags: readonly string[]) =>
  (value: unknown): boolean =>
    typeof value === 'object' && value !== null && tags.includes(tagOf(value));
const tagOf = (value: unknown): string => Object.prototype.toString.call(value).slice(8, -1);
const functionOf =
  (tag: string) =>
  (value: unknown): boolean =>
    typeof value === 'function' && tagOf(value) === tag;
const typedArray =
  (name: string) =>
  (value: unknown): boolean =>
    ArrayBuffer.isView(value) && Reflect.get(value, Symbol.toStringTag) === name;
const boxed =
  (is: 'bigint' | 'boolean' | 'number' | 'string' | 'symbol') =>
  (value: unknown): boolean =>
    typeof value === 'object' && value !== null && typeof value.valueOf() === is;

export const isDate = tagged('Date');
export const isRegExp = tagged('RegExp');
export const isMap = tagged('Map');
export const isSet = tagged('Set');
export const isWeakMap = tagged('WeakMap');
export const isWeakSet = tagged('WeakSet');
export const isMapIterator = tagged('Map Iterator');
export const isSetIterator = tagged('Set Iterator');
export const isPromise = tagged('Promise');
export const isArgumentsObject = tagged('Arguments');
export const isGeneratorObject = tagged('Generator', 'AsyncGenerator');
export const isNativeError = (value: unknown): boolean => value instanceof Error;
export const isAsyncFunction = functionOf('AsyncFunction');
export const isGeneratorFunction = functionOf('GeneratorFunction');
export const isArrayBuffer = tagged('ArrayBuffer');
export const isSharedArrayBuffer = tagged('SharedArrayBuffer');
export const isAnyArrayBuffer = tagged('ArrayBuffer', 'SharedArrayBuffer');
export const isDataView = tagged('DataView');
export const isArrayBufferView = (value: unknown): boolean => ArrayBuffer.isView(value);
export const isTypedArray = (value: unknown): boolean => ArrayBuffer.isView(value) && !isDataView(value);
export const isUint8Array = typedArray('Uint8Array');
export const isUint8ClampedArray = typedArray('Uint8ClampedArray');
export const isUint16Array = typedArray('Uint16Array');
export const isUint32Array = typedArray('Uint32Array');
export const isInt8Array = typedArray('Int8Array');
export const isInt16Array = typedArray('Int16Array');
export const isInt32Array = typedArray('Int32Array');
export const isFloat32Array = typedArray('Float32Array');
export const isFloat64Array = typedArray('Float64Array');
export const isBigInt64Array = typedArray('BigInt64Array');
export const isBigUint64Array = typedArray('BigUint64Array');
export const isBigIntObject = boxed('bigint');
export const isBooleanObject = boxed('boolean');
export const isNumberObject = boxed('number');
export const isStringObject = boxed('string');
export const isSymbolObject = boxed('symbol');
export const isBoxedPrimitive = (value: unknown): boolean =>
  [isBigIntObject, isBooleanObject, isNumberObject, isStringObject, isSymbolObject].some((is) => is(value));
