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
 * `multiboot1`/`multiboot2`, `solo5`, `linux-boot` (bzImage), `devicetree` (an ELF entry on QEMU's machine `virt`, which finds a
 * device tree at the start of memory), `linux-image` (a kernel as Linux's for arm64, which Xen takes for guests).
 */
export type BootProtocol =
  | 'pvh'
  | 'xen-pv'
  | 'linux-elf'
  | 'multiboot1'
  | 'multiboot2'
  | 'solo5'
  | 'linux-boot'
  | 'devicetree'
  | 'linux-image';

/** What bytes of an image are. `bss` takes memory only, and no room in the file. */
export interface ImageSizes {
  readonly code: number;
  readonly constants: number;
  readonly data: number;
  readonly bss: number;
}

/** A library that was linked into an image, with the bytes that it takes in the image's sections. */
export interface ImageLibrary {
  readonly name: string;
  /** All kinds together. */
  readonly bytes: number;
  /** Null in manifests of before sizes were kept by kind. */
  readonly sizes: ImageSizes | null;
  /** The version that it declares, or `sources-` and the beginning of `sourcesHash`. Null for code that has no folder. */
  readonly version: string | null;
  /** An SPDX licence expression over all of its sources, or null if they do not say. */
  readonly licence: string | null;
  /** SHA-256 over the names and contents of its sources, hexadecimal. */
  readonly sourcesHash: string | null;
}

/** What is known of an image by chance: each is null where nobody said, and in manifests of before it was kept. */
export interface ImageBackground {
  /** The build id in the image, hexadecimal: a hash of what was linked. */
  readonly buildId: string | null;
  /** What made it, as in `gcc 12.2.0 (Debian 12.2.0-14)`. */
  readonly compiler: string | null;
  /** One line for people about an image that is not ours, from its own headers. */
  readonly description: string | null;
  /** The reference that it was pulled from. */
  readonly pulledFrom: string | null;
}

export const NO_BACKGROUND: ImageBackground = {
  buildId: null,
  compiler: null,
  description: null,
  pulledFrom: null,
};

/** All that is known of an image besides its bytes. Stored beside it as JSON. */
export interface ImageManifest extends ImageBackground {
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
  /** Whether it can wait before `main` for its arguments (a Unicore image with LIBBOOT_PARK does). */
  readonly parks: boolean;
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
