// SPDX-License-Identifier: BSD-3-Clause
export {
  DirectoryImageStore,
  type BuiltImage,
  type DirectoryImageStoreOptions,
} from './directory-image-store.js';
export { formatClaims, parseClaims, type ImageClaims } from './manifest-file.js';
