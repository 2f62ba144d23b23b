// SPDX-License-Identifier: BSD-3-Clause
import { type FSWatcher, watch } from 'node:fs';
import { mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { UnicoreError } from '../../../../errors/index.js';
import type { SerialPaths } from '../xml/domain.js';
import type { LogPosition } from './log.js';

/** What is remembered of a domain for as long as it was not destroyed, beside its log. */
export interface DomainNote {
  readonly id: string;
  readonly name: string;
  /** Whether its image reports its end on the console. */
  readonly reportsExit: boolean;
  readonly log: LogPosition | null;
  /** Whether it reported that it reached main: that line may be rotated away. */
  readonly ready: { readonly bootNanoseconds: number | null } | null;
}

const NOTE = z.object({
  id: z.uuid(),
  name: z.string(),
  reportsExit: z.boolean(),
  log: z.object({ inode: z.number(), bornMilliseconds: z.number(), base: z.number() }).nullable(),
  ready: z.object({ bootNanoseconds: z.number().nullable() }).nullable(),
});

const NOTE_FILE = /^([0-9a-f-]{36})\.json$/;
const LOG_FILE = /^([0-9a-f-]{36})\.log(?:\.\d+)?$/;
/** sizeof(sockaddr_un.sun_path) is 108, with the final 0. */
const MAX_SOCKET_PATH_BYTES = 107;

/** The driver's folder: a note, a console log and a console socket for each of its domains. */
export class ConsoleDirectory {
  readonly #path: string;
  #watcher: FSWatcher | null = null;

  constructor(path: string) {
    this.#path = path;
  }

  /** Makes the folder; calls `onOutput` with the id of a domain whenever its log has grown. */
  async open(onOutput: (id: string) => void): Promise<void> {
    const longest = join(this.#path, '00000000-0000-0000-0000-000000000000.sock');
    if (Buffer.byteLength(longest) > MAX_SOCKET_PATH_BYTES) {
      throw new UnicoreError(
        'INVALID_CONFIGURATION_FILE',
        `the path ${this.#path} is too long for the sockets in it: choose a shorter state directory`,
      );
    }
    await mkdir(this.#path, { recursive: true, mode: 0o711 });
    // One watch for all domains: inotify names the file.
    this.#watcher = watch(this.#path, (_event, file) => {
      const id = file === null ? undefined : LOG_FILE.exec(file)?.[1];
      if (id !== undefined) onOutput(id);
    });
  }

  close(): void {
    this.#watcher?.close();
    this.#watcher = null;
  }

  paths(id: string): SerialPaths {
    const path = (ending: string): string => join(this.#path, `${id}.${ending}`);
    return { socket: path('sock'), log: path('log'), claims: path('park') };
  }

  /** Writes a domain's note, replacing it as a whole. */
  async write(note: DomainNote): Promise<void> {
    const path = this.#notePath(note.id);
    await writeFile(`${path}.new`, JSON.stringify(note));
    await rename(`${path}.new`, path);
  }

  /** The notes of all domains; one that cannot be read is as one that is not there. */
  async notes(): Promise<DomainNote[]> {
    const ids = (await readdir(this.#path)).flatMap((file) => NOTE_FILE.exec(file)?.[1] ?? []);
    const notes = await Promise.all(ids.map((id) => this.note(id)));
    return notes.filter((note) => note !== null);
  }

  async note(id: string): Promise<DomainNote | null> {
    try {
      return NOTE.parse(JSON.parse(await readFile(this.#notePath(id), 'utf8')));
    } catch {
      return null;
    }
  }

  /** Whether the domain was ever started: libvirt makes the log then. */
  async hasLog(id: string): Promise<boolean> {
    return stat(this.paths(id).log).then(
      () => true,
      () => false,
    );
  }

  /** Removes a domain's note and socket. Its log is the console's to remove. */
  async remove(id: string): Promise<void> {
    const note = this.#notePath(id);
    const { socket, claims } = this.paths(id);
    const files = [note, `${note}.new`, socket, claims];
    await Promise.all(files.map((path) => rm(path, { force: true })));
  }

  #notePath(id: string): string {
    return join(this.#path, `${id}.json`);
  }
}
