import { type PlainFields, type PlainInit, plainInit } from './plain-init.ts';

/** A response that is known whole, and that nobody has looked into. */
export interface LightParts {
  readonly status: number;
  /** Names are in lower case; `Headers` are not checked for what HTTP cannot carry. */
  readonly fields: PlainFields | Headers;
  readonly body: string | Uint8Array | null;
}

/** A `Response` that costs little, and how to read what is made of it. */
export interface LightResponses {
  readonly Response: typeof Response;
  /** Null: it is no such response, or the app has looked into it; it is then to be read like any other. */
  partsOf(response: object): LightParts | null;
  /** Bytes of its body where that was known when it was made; null where it was not. */
  lengthOf(response: object): number | null;
}

type Init = ConstructorParameters<typeof Response>[1];
type Native = typeof Response;
/** Of these the length is known, and what they become. */
type WholeBody = string | Uint8Array | null | undefined;

const TEXT_TYPE = 'text/plain;charset=UTF-8';
const JSON_TYPE = 'application/json';

/**
 * Makes a class in front of Node's `Response` that differs from it in nothing but its cost: a response of a text or of bytes is kept as
 * it was given, as a `Response` with its streams takes longer to make than to send. All else, and whatever is wrong with it, is left to
 * Node's own at once; a light one becomes one of Node's own as soon as its body is read.
 */
export function lightResponses(Native: Native): LightResponses {
  let parts: LightResponses['partsOf'] = () => null;
  let length: LightResponses['lengthOf'] = () => null;
  let nativeOf: (response: unknown) => unknown = () => null;

  class Light {
    #native: Response | null = null;
    #length: number | null = null;
    #status = 200;
    #statusText = '';
    #fields: PlainFields | Headers = {};
    #body: string | Uint8Array | null = null;

    constructor(body?: unknown, init?: Init) {
      const plain = isWhole(body) ? plainInit(init, isNone(body)) : null;
      if (plain === null) {
        this.#native = new Native(body as string, init);
        this.#length = lengthOfBody(body);
      } else this.#take(body as WholeBody, plain, TEXT_TYPE);
    }

    static json(data: unknown, init?: Init): unknown {
      const plain = plainInit(init, false);
      const text: unknown = plain && JSON.stringify(data);
      if (plain === null || typeof text !== 'string') return Native.json(data, init);
      const light = new Light();
      light.#take(text, plain, JSON_TYPE);
      return light;
    }

    static {
      parts = (response) => {
        if (!(#body in response) || response.#native !== null) return null;
        return { status: response.#status, fields: response.#fields, body: response.#body };
      };
      length = (response) => (#length in response ? response.#length : null);
      nativeOf = (response) =>
        typeof response === 'object' && response !== null && #body in response
          ? response.#asNative()
          : response;
    }

    get status(): number {
      return this.#native?.status ?? this.#status;
    }

    get statusText(): string {
      return this.#native?.statusText ?? this.#statusText;
    }

    get ok(): boolean {
      return this.status >= 200 && this.status < 300;
    }

    get headers(): Headers {
      if (this.#native !== null) return this.#native.headers;
      if (!(this.#fields instanceof Headers)) this.#fields = new Headers(this.#fields);
      return this.#fields;
    }

    clone(): unknown {
      if (this.#native !== null) return this.#native.clone();
      const copy = new Light();
      copy.#status = this.#status;
      copy.#statusText = this.#statusText;
      copy.#fields = this.#fields instanceof Headers ? new Headers(this.#fields) : this.#fields;
      copy.#body = this.#body;
      return copy;
    }

    #take(body: WholeBody, { status, statusText, fields }: PlainInit, textType: string): void {
      const own = fields instanceof Headers ? new Headers(fields) : fields;
      this.#status = status;
      this.#statusText = statusText;
      this.#fields = typeof body === 'string' ? withType(own, textType) : own;
      this.#body = body instanceof Uint8Array ? new Uint8Array(body) : (body ?? null); // the app may write over bytes
    }

    #asNative(): Response {
      if (this.#native !== null) return this.#native;
      const init = { status: this.#status, statusText: this.#statusText, headers: this.headers };
      this.#length = lengthOfBody(this.#body);
      this.#native = new Native(this.#body as string, init);
      return this.#native;
    }
  }

  forwardTheRest(Light.prototype, Native.prototype, (response) => nativeOf(response));
  Object.setPrototypeOf(Light, Native);
  Object.setPrototypeOf(Light.prototype, Native.prototype);
  return { Response: Light as unknown as Native, partsOf: parts, lengthOf: length };
}

/** What a class has not itself, it has from another, whose methods are called on an object of that other class. */
function forwardTheRest(light: object, native: object, asNative: (value: unknown) => unknown): void {
  for (const name of Reflect.ownKeys(native)) {
    const property = Object.getOwnPropertyDescriptor(native, name);
    if (property === undefined || Object.hasOwn(light, name)) continue;
    const { get, value } = property;
    if (get !== undefined) {
      property.get = function forwarded(this: unknown) {
        return get.call(asNative(this));
      };
    } else if (typeof value === 'function') {
      property.value = function forwarded(this: unknown, ...args: unknown[]) {
        return value.apply(asNative(this), args);
      };
    }
    Object.defineProperty(light, name, property);
  }
}

function isWhole(body: unknown): body is WholeBody {
  if (isNone(body) || typeof body === 'string') return true;
  return body instanceof Uint8Array && body.buffer instanceof ArrayBuffer; // shared memory is refused
}

function isNone(body: unknown): body is null | undefined {
  return body === undefined || body === null;
}

function withType(fields: PlainFields | Headers, type: string): PlainFields | Headers {
  if (fields instanceof Headers) {
    if (!fields.has('content-type')) fields.append('content-type', type);
    return fields;
  }
  return 'content-type' in fields ? fields : { ...fields, 'content-type': type };
}

function lengthOfBody(body: unknown): number | null {
  if (typeof body === 'string') return Buffer.byteLength(body);
  if (body instanceof ArrayBuffer || ArrayBuffer.isView(body)) return body.byteLength;
  if (body instanceof Blob) return body.size;
  return body instanceof URLSearchParams ? Buffer.byteLength(String(body)) : null;
}
