/** Folder of the package that a path leads into, from the first `node_modules` on; null: into none. */
export function packageFolderOf(path: string): string | null {
  const [, folder] =
    /(?:^|\/)(node_modules\/(?:@[^/]+\/)?[^/]+(?:\/node_modules\/(?:@[^/]+\/)?[^/]+)*)\//.exec(path) ?? [];
  return folder ?? null;
}
