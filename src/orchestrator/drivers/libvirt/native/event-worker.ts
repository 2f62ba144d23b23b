// SPDX-License-Identifier: BSD-3-Clause
/**
 * The worker thread that runs libvirt's event loop, which serves the keepalive of every connection of the process. It
 * never returns to Node's own loop: messages are taken between two rounds of libvirt's, which the main thread ends by
 * setting the timer to 0 ms. libvirt calls back on this thread only, because only this thread uses the connection.
 */
import { type MessagePort, parentPort, receiveMessageOnPort } from 'node:worker_threads';
import koffi from 'koffi';
import { LibvirtError } from './failure.js';
import {
  CLOSE_CALLBACK,
  LIFECYCLE_CALLBACK,
  loadLibvirt,
  type Pointer,
  TIMEOUT_CALLBACK,
  uuidOf,
} from './libvirt.js';
import type { EventNotice, EventRequest } from './messages.js';

const LIFECYCLE = 0; // VIR_DOMAIN_EVENT_ID_LIFECYCLE
/** virConnectCloseReason */
const CLOSE_REASONS = [
  'an input or output error',
  'libvirtd closed the connection',
  'libvirtd does not answer',
  'we closed it',
];

const port = parentPort;
if (port === null) throw new Error('event-worker runs as a worker thread');
const tell = (notice: EventNotice): void => port.postMessage(notice);
const libvirt = loadLibvirt();
if (libvirt.registerDefaultEventLoop() < 0) throw LibvirtError.last(libvirt);

interface Adopted {
  readonly pointer: Pointer;
  readonly generation: number;
  readonly registration: number;
  closed: string | null;
}
/** The connections whose events come here, by their addresses. */
const adopted = new Map<Pointer, Adopted>();

const onLifecycle = koffi.register(
  (connection: Pointer, domain: Pointer, event: number, detail: number) => {
    const generation = adopted.get(connection)?.generation ?? 0;
    tell({ type: 'lifecycle', generation, id: uuidOf(libvirt, domain), event, detail });
  },
  LIFECYCLE_CALLBACK,
);
const onClose = koffi.register((connection: Pointer, reason: number) => {
  // It is released later: libvirt is in the middle of closing it.
  const closing = adopted.get(connection);
  if (closing !== undefined) closing.closed = CLOSE_REASONS[reason] ?? `reason ${reason}`;
}, CLOSE_CALLBACK);
const onWake = koffi.register((timer: number) => {
  libvirt.updateTimeout(timer, -1);
}, TIMEOUT_CALLBACK);

function adopt(pointer: Pointer, generation: number): void {
  // Fails in a driver inside libvirt.so, which has no connection that could close.
  libvirt.registerClose(pointer, onClose, null, null);
  const registration = libvirt.registerDomainEvent(
    pointer,
    null,
    LIFECYCLE,
    onLifecycle,
    null,
    null,
  );
  if (registration < 0) {
    const { message } = LibvirtError.last(libvirt);
    libvirt.unregisterClose(pointer, onClose);
    libvirt.close(pointer);
    tell({ type: 'closed', generation, reason: message });
    return;
  }
  adopted.set(pointer, { pointer, generation, registration, closed: null });
  tell({ type: 'adopted', generation });
}

function release({ pointer, generation, registration }: Adopted, reason: string): void {
  adopted.delete(pointer);
  libvirt.deregisterDomainEvent(pointer, registration);
  libvirt.unregisterClose(pointer, onClose);
  libvirt.close(pointer);
  tell({ type: 'closed', generation, reason });
}

function releaseClosed(): void {
  for (const connection of [...adopted.values()]) {
    if (connection.closed !== null) release(connection, connection.closed);
  }
}

/** Does what was asked; false when it was to stop. */
function obey(request: EventRequest): boolean {
  switch (request.type) {
    case 'adopt':
      adopt(request.connection, request.generation);
      break;
    case 'release':
      for (const connection of [...adopted.values()]) {
        if (connection.generation === request.generation) release(connection, 'released');
      }
      break;
    case 'stop':
      return false;
  }
  return true;
}

/** Takes all messages that there are; false when one of them was to stop. */
function takeMessages(from: MessagePort): boolean {
  for (;;) {
    const received = receiveMessageOnPort(from) as { message: EventRequest } | undefined;
    if (received === undefined) return true;
    if (!obey(received.message)) return false;
  }
}

const timer = libvirt.addTimeout(-1, onWake, null, null);
tell({ type: 'running', timer });

while (takeMessages(port)) {
  libvirt.runDefaultEventLoop();
  releaseClosed();
}
for (const connection of [...adopted.values()]) release(connection, 'released');
libvirt.removeTimeout(timer);
// What was deregistered is freed by the loop, in a later round; the timer is gone, so another one ends each round.
const last = libvirt.addTimeout(0, onWake, null, null);
for (let round = 0; round < 3; round++) {
  libvirt.updateTimeout(last, 0);
  libvirt.runDefaultEventLoop();
}
libvirt.removeTimeout(last);
for (const callback of [onLifecycle, onClose, onWake]) koffi.unregister(callback);
port.close();
