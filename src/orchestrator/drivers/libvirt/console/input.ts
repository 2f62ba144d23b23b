// SPDX-License-Identifier: BSD-3-Clause
import { createConnection, type Socket } from 'node:net';
import { UnicoreError } from '../../../../errors/index.js';

/** An unused connection is closed, so that QEMU does not wait for us to read when this process stands still. */
const IDLE_MILLISECONDS = 30_000;
const DEADLINE_MILLISECONDS = 5000;

/**
 * Sends console input through the sockets that QEMU listens on. QEMU sends the guest's output there too while one is
 * connected; it is read and dropped, because the log has it.
 */
export class ConsoleInput {
  readonly #sockets = new Map<string, Socket>();

  /**
   * Resolves when QEMU's socket has taken the bytes. `watch` is shown the output that follows until it returns true.
   * @throws CONSOLE_UNAVAILABLE
   */
  async write(
    path: string,
    data: Uint8Array,
    watch?: (output: Uint8Array) => boolean,
  ): Promise<void> {
    const socket = this.#sockets.get(path) ?? this.#connect(path);
    if (watch !== undefined) {
      const onData = (output: Uint8Array): void => {
        if (watch(output)) socket.off('data', onData);
      };
      socket.on('data', onData);
    }
    const { promise, resolve, reject } = Promise.withResolvers<undefined>();
    const timer = setTimeout(() => socket.destroy(new Error('timed out')), DEADLINE_MILLISECONDS);
    const onClose = () => reject(new Error('QEMU closed the connection'));
    socket.once('error', reject).once('close', onClose);
    socket.write(data, (error) => {
      if (error == null) resolve(undefined);
      else reject(error);
    });
    try {
      await promise;
    } catch (cause) {
      throw new UnicoreError(
        'CONSOLE_UNAVAILABLE',
        'the console takes no input: the guest has ended, or another program is attached to its console',
        { cause },
      );
    } finally {
      clearTimeout(timer);
      socket.off('error', reject).off('close', onClose);
    }
  }

  /** Disconnects from one domain's console. */
  disconnect(path: string): void {
    this.#sockets.get(path)?.destroy();
  }

  close(): void {
    for (const socket of this.#sockets.values()) socket.destroy();
  }

  #connect(path: string): Socket {
    const socket = createConnection(path);
    this.#sockets.set(path, socket);
    socket.resume();
    socket.setTimeout(IDLE_MILLISECONDS, () => socket.destroy());
    // Who waits for a write hears of it; without a listener of its own it would end the process.
    socket.on('error', () => undefined);
    socket.on('close', () => {
      if (this.#sockets.get(path) === socket) this.#sockets.delete(path);
    });
    return socket;
  }
}
