/** Who is told of changes in an app's folder, as long as it is not closed. */
export interface Watching {
  close(): void;
}
