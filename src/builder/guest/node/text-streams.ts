type Bytes = Uint8Array<ArrayBuffer>;
type Source = ArrayBuffer | Bytes;

/** Encoding standard, §9: what the engine has for whole texts alone. */
export class TextDecoderStream {
  readonly encoding: string;
  readonly fatal: boolean;
  readonly ignoreBOM: boolean;
  readonly readable: ReadableStream<string>;
  readonly writable: WritableStream<Source>;

  constructor(label = 'utf-8', options: { readonly fatal?: boolean; readonly ignoreBOM?: boolean } = {}) {
    const decoder = new TextDecoder(label, options);
    this.encoding = decoder.encoding;
    this.fatal = decoder.fatal;
    this.ignoreBOM = decoder.ignoreBOM;
    const { readable, writable } = new TransformStream<Source, string>({
      transform(bytes, controller) {
        const text = decoder.decode(bytes, { stream: true });
        if (text !== '') controller.enqueue(text);
      },
      flush(controller) {
        const text = decoder.decode();
        if (text !== '') controller.enqueue(text);
      },
    });
    this.readable = readable;
    this.writable = writable;
  }
}

/** First half of a character outside the Basic Multilingual Plane. */
const HIGH_HALF = /[\uD800-\uDBFF]$/;

/** Encoding standard, §10. A character whose halves come in two pieces stays whole. */
export class TextEncoderStream {
  readonly encoding = 'utf-8';
  readonly readable: ReadableStream<Bytes>;
  readonly writable: WritableStream<string>;

  constructor() {
    const encoder = new TextEncoder();
    let half = '';
    const { readable, writable } = new TransformStream<string, Bytes>({
      transform(piece, controller) {
        const text = half + String(piece);
        half = HIGH_HALF.exec(text)?.[0] ?? '';
        const whole = half === '' ? text : text.slice(0, -1);
        if (whole !== '') controller.enqueue(encoder.encode(whole));
      },
      flush(controller) {
        if (half !== '') controller.enqueue(encoder.encode(half)); // U+FFFD
      },
    });
    this.readable = readable;
    this.writable = writable;
  }
}
