// SPDX-License-Identifier: BSD-3-Clause
import { isImageDigest } from '../../build/image.js';
import { UnicoreError, type FieldError } from '../../errors/index.js';
import type { CreateInstance } from '../ports.js';
import { isInstanceName, LONGEST_NAME } from './naming.js';

const MIB = 2 ** 20;
const MOST_MEMORY_BYTES = 2 ** 44;
const MOST_VCPUS = 512;
const MOST_ARGUMENTS = 256;
const MOST_ARGUMENT_BYTES = 16 * 1024;
const MOST_RESTARTS = 1_000_000;
/** Ten years. */
const MOST_SECONDS = 10 * 366 * 86_400;
const MOST_LABELS = 64;
const LABEL_KEY = /^[A-Za-z0-9](?:[-A-Za-z0-9_./]{0,125}[A-Za-z0-9])?$/;
const LABEL_VALUE = /^[-A-Za-z0-9_.:/@]{0,128}$/;

/** Memory of an instance whose image does not say what it needs. */
export const DEFAULT_MEMORY_BYTES = 16 * MIB;

/** Rounded up to whole MiB, which every hypervisor can give. */
export function roundMemory(bytes: number): number {
  return Math.ceil(bytes / MIB) * MIB;
}

/** @throws INVALID_REQUEST with all labels that are at fault */
export function validateLabels(labels: Readonly<Record<string, string>>): void {
  refuseIf((check) => checkLabels(labels, check));
}

/** @throws INVALID_REQUEST with all fields that are at fault */
export function validateCreate(request: CreateInstance): void {
  refuseIf((check) => checkCreate(request, check));
}

function refuseIf(examine: (check: Check) => void): void {
  const errors: FieldError[] = [];
  examine((good, path, message) => {
    if (!good) errors.push({ path, message });
  });
  const [first] = errors;
  if (first === undefined) return;
  throw new UnicoreError('INVALID_REQUEST', `${first.path} ${first.message}.`, { errors });
}

function checkCreate(request: CreateInstance, check: Check): void {
  const { name, memoryBytes, vcpus, source } = request;
  check(
    name === undefined || isInstanceName(name),
    'name',
    `must be 1 to ${LONGEST_NAME} of a-z, 0-9 and -, with no - at either end`,
  );
  if ('image' in source) {
    check(isImageDigest(source.image), 'image', 'must be sha256: and 64 hexadecimal digits');
  }
  check(
    memoryBytes === undefined || isWithin(memoryBytes, 4096, MOST_MEMORY_BYTES),
    'memory',
    `must be 4096 to ${MOST_MEMORY_BYTES} bytes`,
  );
  check(
    vcpus === undefined || isWithin(vcpus, 1, MOST_VCPUS),
    'vcpus',
    `must be 1 to ${MOST_VCPUS}`,
  );
  checkArguments(request.args ?? [], check);
  checkLabels(request.labels ?? {}, check);
  const { restartLimit, ttlSeconds, ttlAfterFinishedSeconds, deadlines = {} } = request;
  const most = (value: number | null | undefined, limit: number, path: string): void =>
    check(
      (value ?? null) === null || isWithin(value ?? 0, 0, limit),
      path,
      `must be 0 to ${limit}`,
    );
  most(restartLimit, MOST_RESTARTS, 'restartLimit');
  most(ttlSeconds, MOST_SECONDS, 'ttlSeconds');
  most(ttlAfterFinishedSeconds, MOST_SECONDS, 'ttlAfterFinishedSeconds');
  most(deadlines.startSeconds, MOST_SECONDS, 'deadlines.startSeconds');
  most(deadlines.bootSeconds, MOST_SECONDS, 'deadlines.bootSeconds');
}

type Check = (good: boolean, path: string, message: string) => void;

function checkArguments(args: readonly string[], check: Check): void {
  check(args.length <= MOST_ARGUMENTS, 'args', `must be at most ${MOST_ARGUMENTS}`);
  const bytes = args.reduce((sum, text) => sum + Buffer.byteLength(text) + 1, 0);
  check(
    bytes <= MOST_ARGUMENT_BYTES,
    'args',
    `must be at most ${MOST_ARGUMENT_BYTES} bytes in all`,
  );
  for (const [index, text] of args.slice(0, MOST_ARGUMENTS).entries()) {
    check(!text.includes('\0'), `args.${index}`, 'must not hold a NUL');
  }
}

function checkLabels(labels: Readonly<Record<string, string>>, check: Check): void {
  const entries = Object.entries(labels);
  check(entries.length <= MOST_LABELS, 'labels', `must be at most ${MOST_LABELS}`);
  for (const [key, value] of entries.slice(0, MOST_LABELS)) {
    const path = `labels.${key.slice(0, 128)}`;
    check(LABEL_KEY.test(key), path, 'must have a key of letters, digits and - _ . /');
    check(LABEL_VALUE.test(value), path, 'must be letters, digits and - _ . : / @');
  }
}

function isWithin(value: number, least: number, most: number): boolean {
  return Number.isSafeInteger(value) && value >= least && value <= most;
}
