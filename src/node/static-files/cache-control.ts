/** A year: the most that is understood everywhere (RFC 9111 §1.2.2 leaves it to the sender). */
const FOR_EVER = 'max-age=31536000, immutable';

/**
 * How long a visitor may keep a file. One whose name has a hash of its content in it never changes under that name; of all
 * others the visitor asks each time whether they are still the same, and is told so in a few bytes.
 *
 * @param path of the file
 * @param isPrivate the app is: no cache that several people share may keep it
 */
export function cacheControlOf(path: string, isPrivate: boolean): string {
  const isForEver = hasHashInName(path) && !/\.html?$/i.test(path);
  if (isPrivate) return isForEver ? `private, ${FOR_EVER}` : 'private, no-cache';
  return isForEver ? `public, ${FOR_EVER}` : 'no-cache';
}

/**
 * Does a bundler's hash stand before the extension: `app.3f2a91bc.js`, `index-BxK3f9aZ.css`, `chunk-5XH4WLTP.js`? Rather
 * no than yes: a file that is taken for one that never changes is not looked at again for a year. So `report-20261121.pdf`,
 * `case-iPhone15.jpg` and `jquery-migrate.js` are none.
 */
export function hasHashInName(path: string): boolean {
  const name = path.slice(path.lastIndexOf('/') + 1);
  const hash = /[.-]([A-Za-z0-9_]{8,64})(?:\.[a-z0-9]{1,8}){1,2}$/.exec(name)?.[1];
  if (hash === undefined) return false;
  if (!/[0-9]/.test(hash) || /^[A-Za-z]+[0-9]+$|^[0-9]+[A-Za-z]*$/.test(hash)) return false; // a word, a date, a number
  if (/^[0-9a-f]+$/.test(hash)) return true; // webpack, Parcel, and whoever cuts a SHA
  if (hash.length !== 8) return false;
  return /^[A-Z2-7]+$/.test(hash) || (/[a-z]/.test(hash) && /[A-Z]/.test(hash)); // esbuild; Vite and Rollup
}
