import { writeFileSync } from 'node:fs';
import { SECRET_FILES, type SecretFiles } from '../../runtime.ts';

/** As they came: by name, in base64. */
type Told = Readonly<Record<string, string>>;

export function secretFilesOf(told: Told): SecretFiles {
  return Object.fromEntries(
    Object.entries(told).map(([name, base64]) => [name, Buffer.from(base64, 'base64')]),
  );
}

/**
 * Puts what the app is to find in `/run/secrets` there, which is memory of the box; from then on nobody in it may write there with
 * Node's own means. Done before any code of the app is loaded.
 *
 * @throws the system's error when there is no such folder, or no room
 */
export function writeSecretFiles(told: Told): void {
  for (const [name, bytes] of Object.entries(secretFilesOf(told))) {
    writeFileSync(`${SECRET_FILES}/${name}`, bytes, { mode: 0o400, flag: 'wx' });
    bytes.fill(0);
  }
  process.permission?.drop('fs.write', `${SECRET_FILES}/*`);
}
