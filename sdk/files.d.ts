// What an app imports that is no code becomes a part of its bundle: text as a text, everything else as bytes.
declare module '*.txt' {
  const text: string;
  export default text;
}
declare module '*.md' {
  const text: string;
  export default text;
}
declare module '*.html' {
  const text: string;
  export default text;
}
declare module '*.css' {
  const text: string;
  export default text;
}
declare module '*.svg' {
  const text: string;
  export default text;
}
declare module '*.sql' {
  const text: string;
  export default text;
}
declare module '*.csv' {
  const text: string;
  export default text;
}
declare module '*.xml' {
  const text: string;
  export default text;
}
declare module '*.yaml' {
  const text: string;
  export default text;
}
declare module '*.yml' {
  const text: string;
  export default text;
}
declare module '*.toml' {
  const text: string;
  export default text;
}
declare module '*.hbs' {
  const text: string;
  export default text;
}
declare module '*.mustache' {
  const text: string;
  export default text;
}
declare module '*.ejs' {
  const text: string;
  export default text;
}
declare module '*.png' {
  const bytes: Uint8Array;
  export default bytes;
}
declare module '*.jpg' {
  const bytes: Uint8Array;
  export default bytes;
}
declare module '*.jpeg' {
  const bytes: Uint8Array;
  export default bytes;
}
declare module '*.gif' {
  const bytes: Uint8Array;
  export default bytes;
}
declare module '*.webp' {
  const bytes: Uint8Array;
  export default bytes;
}
declare module '*.avif' {
  const bytes: Uint8Array;
  export default bytes;
}
declare module '*.ico' {
  const bytes: Uint8Array;
  export default bytes;
}
declare module '*.pdf' {
  const bytes: Uint8Array;
  export default bytes;
}
declare module '*.woff' {
  const bytes: Uint8Array;
  export default bytes;
}
declare module '*.woff2' {
  const bytes: Uint8Array;
  export default bytes;
}
declare module '*.ttf' {
  const bytes: Uint8Array;
  export default bytes;
}
declare module '*.otf' {
  const bytes: Uint8Array;
  export default bytes;
}
declare module '*.wasm' {
  const bytes: Uint8Array;
  export default bytes;
}
