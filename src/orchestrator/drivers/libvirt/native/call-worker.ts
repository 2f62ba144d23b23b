// SPDX-License-Identifier: BSD-3-Clause
/**
 * The worker thread that makes calls. They are synchronous: libvirt keeps its errors per thread, and a call that blocks
 * stops this thread only. It has a connection of its own, made at the first call.
 */
import { parentPort, workerData } from 'node:worker_threads';
import { nativeCalls, type NativeCalls } from './calls.js';
import { isConnectionFailure, LibvirtError, type NativeFailure } from './failure.js';
import { loadLibvirt, type Pointer } from './libvirt.js';
import type { CallMethod, CallReply, CallRequest, CallWorkerData } from './messages.js';

const port = parentPort;
if (port === null) throw new Error('call-worker runs as a worker thread');
const { uri, keepAlive } = workerData as CallWorkerData;
const libvirt = loadLibvirt();

interface Connection {
  readonly pointer: Pointer;
  readonly generation: number;
  readonly calls: NativeCalls;
}
let current: Connection | null = null;

function open(): Pointer {
  const pointer = libvirt.open(uri);
  if (pointer === null) throw LibvirtError.last(libvirt);
  // A driver inside libvirt.so has no connection that could die, and says so.
  libvirt.setKeepAlive(pointer, keepAlive.intervalSeconds, keepAlive.count);
  return pointer;
}

function close(): void {
  if (current !== null) libvirt.close(current.pointer);
  current = null;
}

function connection(generation: number): Connection {
  if (current?.generation !== generation) close();
  if (current !== null && libvirt.isAlive(current.pointer) !== 1) close();
  if (current === null) {
    const pointer = open();
    current = { pointer, generation, calls: nativeCalls(libvirt, pointer) };
  }
  return current;
}

function perform(request: Extract<CallRequest, { id: number }>): unknown {
  if (request.type === 'open') return open();
  const calls = connection(request.generation).calls as unknown as Record<
    CallMethod,
    (...args: readonly unknown[]) => unknown
  >;
  return calls[request.method](...request.args);
}

function failureOf(error: unknown): NativeFailure {
  if (error instanceof LibvirtError) return error.failure;
  return { code: null, domain: 0, message: error instanceof Error ? error.message : String(error) };
}

function answer(request: Extract<CallRequest, { id: number }>): CallReply {
  try {
    return { id: request.id, ok: true, value: perform(request) };
  } catch (error) {
    const failure = failureOf(error);
    if (isConnectionFailure(failure)) close();
    return { id: request.id, ok: false, failure };
  }
}

port.on('message', (request: CallRequest) => {
  if (request.type !== 'stop') {
    port.postMessage(answer(request));
    return;
  }
  close();
  port.close();
});
