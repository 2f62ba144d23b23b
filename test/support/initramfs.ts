// SPDX-License-Identifier: BSD-3-Clause

/** `mode` of a file: type and permissions, as in stat(2). */
const MODE = { folder: 0o40755, program: 0o100755, characterDevice: 0o20600 } as const;

/** The device that a kernel opens for the first process: characters, 5:1. */
const CONSOLE = [5, 1] as const;

/**
 * A file system in memory for Linux, with a console and one program, `/init`.
 * Source: Linux, Documentation/driver-api/early-userspace/buffer-format.rst (cpio, "newc").
 */
export function initramfs(program: Uint8Array): Buffer {
  return Buffer.concat([
    entry('dev', MODE.folder),
    entry('dev/console', MODE.characterDevice, Buffer.alloc(0), CONSOLE),
    entry('init', MODE.program, program),
    entry('TRAILER!!!', 0),
  ]);
}

function entry(
  name: string,
  mode: number,
  content: Uint8Array = Buffer.alloc(0),
  [major, minor]: readonly [number, number] = [0, 0],
): Buffer {
  const path = Buffer.from(`${name}\0`);
  // inode, mode, uid, gid, links, time, size, device (2), device that it is (2), length of the name, checksum
  const fields = [0, mode, 0, 0, 1, 0, content.length, 0, 0, major, minor, path.length, 0];
  const header = `070701${fields.map((field) => field.toString(16).padStart(8, '0')).join('')}`;
  return Buffer.concat([padded(Buffer.concat([Buffer.from(header), path])), padded(content)]);
}

function padded(bytes: Uint8Array): Buffer {
  return Buffer.concat([bytes, Buffer.alloc((4 - (bytes.length % 4)) % 4)]);
}
