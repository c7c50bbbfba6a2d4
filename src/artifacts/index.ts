export { type PackOptions, packFolder } from './archive/pack-folder.ts';
export { IGNORE_FILE, listFolder } from './archive/published-files.ts';
export { unpackArchive } from './archive/unpack-archive.ts';
export { type UnpackOptions, unpackInChild } from './archive/unpack-in-child.ts';
export { DEFAULT_UNPACK_LIMITS, type Unpacked, type UnpackLimits } from './archive/unpack-limits.ts';
export { type ArtifactErrorCode, artifactError } from './errors.ts';
export type { FolderFile } from './folder/folder-files.ts';
export { openFolderStore } from './folder/folder-store.ts';
export type * from './object-store.ts';
export { contentTypeOf, isCompressible } from './served/content-type.ts';
export { type Listed, type Named, namedFile } from './served/named-file.ts';
export { checkFileList, LIST_LIMITS, type ListedFile } from './staging/file-list.ts';
export { openStagedContents, type StagedContents } from './staging/staged-contents.ts';
export { checkedFile } from './tree/checked-file.ts';
export { fetchTree } from './tree/fetch-tree.ts';
export { putTree, type StoredTree } from './tree/put-tree.ts';
export { readTree, readTreeFile } from './tree/read-tree.ts';
export { removeTree } from './tree/remove-tree.ts';
export { DIGEST_FILE, type FileDigest, type TreeFiles, treeDigest } from './tree/tree-digest.ts';
export { type AppPlace, appPrefix, artifactsPrefix, versionPrefix } from './version/version-keys.ts';
export {
  advanceLatest,
  claimedVersions,
  latestVersion,
  type PublishedVersion,
  publishVersion,
  storeVersion,
  withdrawVersion,
} from './version/versions.ts';
