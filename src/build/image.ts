// SPDX-License-Identifier: BSD-3-Clause
import type { Target } from './target.js';

/** An image's name: the SHA-256 of its bytes, written `sha256:<64 hexadecimal digits>`. */
export type ImageDigest = `sha256:${string}`;

/** Whether `text` is a whole image digest. */
export function isImageDigest(text: string): text is ImageDigest {
  return /^sha256:[0-9a-f]{64}$/.test(text);
}

/**
 * How an image is entered: `pvh` (Xen PVH or a VMM that reads the note), `xen-pv`, `linux-elf` (a Linux process),
 * `multiboot1`/`multiboot2`, `solo5`, `linux-boot` (bzImage).
 */
export type BootProtocol =
  'pvh' | 'xen-pv' | 'linux-elf' | 'multiboot1' | 'multiboot2' | 'solo5' | 'linux-boot';

/** A library that was linked into an image, with the bytes that it takes in the image's sections. */
export interface ImageLibrary {
  readonly name: string;
  readonly bytes: number;
}

/** All that is known of an image besides its bytes. Stored beside it as JSON. */
export interface ImageManifest {
  readonly digest: ImageDigest;
  /** Size of the image file. */
  readonly bytes: number;
  /** The application, or null for an import that does not say. */
  readonly app: string | null;
  /** The target, or null for an import that does not say. */
  readonly target: Target | null;
  readonly architecture: string;
  readonly bootProtocols: readonly BootProtocol[];
  /** Whether the image reports that it reached `main` (a Unicore image does). */
  readonly reportsReady: boolean;
  /** The least guest memory it boots in, or null if unknown. */
  readonly minimumMemoryBytes: number | null;
  readonly libraries: readonly ImageLibrary[];
  /** The resolved `.config`, or null for an import. */
  readonly configuration: string | null;
  /** SHA-256 over all that went into the build, or null for an import. */
  readonly inputsHash: string | null;
  readonly origin: 'built' | 'imported';
  /** RFC 3339, UTC. */
  readonly createdAt: string;
}

/** An image in the store: its manifest and where its bytes are on this machine. */
export interface StoredImage {
  readonly manifest: ImageManifest;
  /** Absolute path of the image file. It must not be written to. */
  readonly path: string;
}
