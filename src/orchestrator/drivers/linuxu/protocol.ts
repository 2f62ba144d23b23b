// SPDX-License-Identifier: BSD-3-Clause
import { constants } from 'node:os';
import type {
  DomainExit,
  DomainObservation,
  DomainSpec,
  DomainState,
  DomainStats,
} from '../driver.js';
import { PARK_OPTION } from '../guest-command-line.js';
import { PayloadReader, PayloadWriter } from './frames.js';

/** What the launcher is asked and what it tells: native/launcher/PROTOCOL.md, version 1. */
export const REQUEST = {
  hello: 1,
  create: 2,
  destroy: 3,
  signal: 4,
  list: 5,
  strangers: 6,
  stats: 7,
  read: 8,
  write: 9,
  claim: 10,
} as const;

export const REPLY_BIT = 0x8000;
export const NOTICE = { event: 0x4001, replaced: 0x4002, lost: 0x4003 } as const;
export const STATUS = {
  ok: 0,
  unknown: 1,
  stranger: 2,
  noCapacity: 3,
  failed: 4,
  unsupported: 5,
  notOwner: 6,
  notParked: 7,
} as const;
export const SIGNAL = { pause: 1, resume: 2, shutdown: 3 } as const;

const HELLO_MAGIC = 0x4c4e4355;
const PROTOCOL_VERSION = 1;
const FLAG_RESYNC = 1;
const CREATE_PAUSED = 1;
const REPORTED = { ready: 1, parked: 2 } as const;

/** Where in the launcher's events a client stands. */
export interface EventPosition {
  readonly epoch: bigint;
  readonly seq: bigint;
}

export function encodeHello(owner: string, position: EventPosition | null): Buffer {
  return new PayloadWriter()
    .u32(HELLO_MAGIC)
    .u16(PROTOCOL_VERSION)
    .u16(0)
    .u64(position?.epoch ?? 0n)
    .u64(position?.seq ?? 0n)
    .text(owner)
    .done();
}

export interface HelloReply extends EventPosition {
  /** Events between the client's position and this one are not told again. */
  readonly resync: boolean;
  readonly pid: number;
  readonly capacity: number;
}

export function decodeHello(payload: Buffer): HelloReply {
  const reader = new PayloadReader(payload);
  reader.u16();
  const flags = reader.u16();
  const epoch = reader.u64();
  const seq = reader.u64();
  const pid = reader.u32();
  reader.u32();
  return { epoch, seq, resync: (flags & FLAG_RESYNC) !== 0, pid, capacity: reader.u32() };
}

export function encodeCreate(spec: DomainSpec): Buffer {
  const writer = new PayloadWriter()
    .uuid(spec.id)
    .u64(spec.memoryBytes)
    .u32(spec.paused ? CREATE_PAUSED : 0)
    .text(spec.name)
    .text(spec.image.path);
  const words = spec.park ? [PARK_OPTION] : spec.args;
  writer.u16(words.length);
  for (const word of words) writer.text(word);
  return writer.done();
}

const STATES: Readonly<Record<number, DomainState>> = { 1: 'running', 2: 'paused', 3: 'stopped' };
const REASON = { exited: 1, signaled: 2, destroyed: 3, unknown: 4, shutDown: 5 } as const;

function signalName(signal: number): string {
  const known = Object.entries(constants.signals).find(([, value]) => value === signal);
  return known === undefined ? `signal ${signal}` : `signal ${signal} (${known[0]})`;
}

/** How an instance ended, in the driver's terms. Null if it has not. */
export function exitOf(reason: number, code: number): DomainExit | null {
  switch (reason) {
    case 0:
      return null;
    case REASON.exited:
      return { reason: 'exited', exitCode: code, message: `exited with code ${code}` };
    case REASON.signaled:
      return { reason: 'crashed', exitCode: null, message: `killed by ${signalName(code)}` };
    case REASON.destroyed:
      return { reason: 'destroyed', exitCode: null, message: 'destroyed' };
    case REASON.shutDown:
      return { reason: 'exited', exitCode: null, message: 'ended by SIGTERM, as it was asked to' };
    default:
      return {
        reason: 'unknown',
        exitCode: null,
        message: 'ended while no launcher of its own watched it',
      };
  }
}

/** The code of what is ready, in nanoseconds; null from an image or a launcher that does not tell. */
function bootTimeOf(code: number): number | null {
  return code > 0 ? code : null;
}

/** A page of a list, and where the next one begins: 0 at the end. */
export interface ListPage<T> {
  readonly next: number;
  readonly items: readonly T[];
}

function decodePage<T>(payload: Buffer, item: (reader: PayloadReader) => T): ListPage<T> {
  const reader = new PayloadReader(payload);
  const next = reader.u32();
  const count = reader.u16();
  return { next, items: Array.from({ length: count }, () => item(reader)) };
}

export function decodeList(payload: Buffer): ListPage<DomainObservation> {
  return decodePage(payload, (reader) => {
    const id = reader.uuid();
    const state = STATES[reader.u8()] ?? 'stopped';
    const reported = reader.u8();
    const parked = reported === REPORTED.parked;
    const [reason, code] = [reader.u8(), reader.i32()];
    const exit = exitOf(reason, code);
    const bootNanoseconds = exit === null ? bootTimeOf(code) : null;
    const ready = reported === REPORTED.ready ? { bootNanoseconds } : null;
    reader.u64();
    const name = reader.text();
    const crashed = exit?.reason === 'crashed';
    return { id, name, owned: true, state: crashed ? 'crashed' : state, ready, parked, exit };
  });
}

export function decodeStrangers(payload: Buffer): readonly DomainObservation[] {
  const reader = new PayloadReader(payload);
  return Array.from({ length: reader.u16() }, () => ({
    id: reader.uuid(),
    name: reader.text(),
    owned: false,
    state: 'running' as const,
    ready: null,
    parked: false,
    exit: null,
  }));
}

export function decodeStats(payload: Buffer): ListPage<DomainStats> {
  return decodePage(payload, (reader) => ({
    id: reader.uuid(),
    cpuNanoseconds: Number(reader.u64()),
    memoryBytes: Number(reader.u64()),
  }));
}

export interface ReadReply {
  /** Nothing more will come. */
  readonly last: boolean;
  readonly offset: number;
  readonly data: Buffer;
}

export function decodeRead(payload: Buffer): ReadReply {
  const reader = new PayloadReader(payload);
  return { last: reader.u8() !== 0, offset: Number(reader.u64()), data: reader.rest() };
}

export type EventKind = Exclude<(typeof EVENT_KINDS)[number], null>;

const EVENT_KINDS = [
  null,
  'started',
  'ready',
  'paused',
  'resumed',
  'ended',
  'removed',
  'output',
  'parked',
] as const;

export interface LauncherEvent {
  readonly seq: bigint;
  readonly id: string;
  readonly kind: EventKind;
  readonly exit: DomainExit | null;
  /** Of `ready`. */
  readonly bootNanoseconds: number | null;
}

/** @throws RangeError if it is no event of this version */
export function decodeEvent(payload: Buffer): LauncherEvent {
  const reader = new PayloadReader(payload);
  const seq = reader.u64();
  const id = reader.uuid();
  const kind = EVENT_KINDS[reader.u8()];
  if (kind === undefined || kind === null) throw new RangeError('an event of an unknown kind');
  const [reason, code] = [reader.u8(), reader.i32()];
  if (kind === 'ready') return { seq, id, kind, exit: null, bootNanoseconds: bootTimeOf(code) };
  return { seq, id, kind, exit: exitOf(reason, code), bootNanoseconds: null };
}
