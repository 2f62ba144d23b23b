// SPDX-License-Identifier: BSD-3-Clause
import type { DomainSpec } from '../../driver.js';
import { type Element, element, toXml } from './element.js';
import { commandLineFor, PARK_OPTION } from '../../guest-command-line.js';
import { domainName, METADATA_NAMESPACE } from './ownership.js';

/** Where QEMU puts the serial port: a socket that it listens on for input, and a log of all output. */
export interface SerialPaths {
  readonly socket: string;
  readonly log: string;
  /** The second port's socket, on which a parked guest is claimed. */
  readonly claims: string;
}

/** What a domain's XML says besides what the user asked for. */
export interface DomainSetting {
  readonly owner: string;
  readonly profile: DomainProfile;
}

export type DomainProfile =
  | {
      readonly kind: 'qemu';
      readonly accelerated: boolean;
      /** A firmware image for `<loader type='rom'>`, or null for QEMU's default. */
      readonly firmware: string | null;
      readonly serial: SerialPaths;
    }
  | {
      readonly kind: 'xen';
      readonly type: 'pvh' | 'pv';
      /** The image's path in dom0. */
      readonly kernel: string;
    }
  /** libvirt's mock driver, which runs nothing. */
  | { readonly kind: 'test' };

/**
 * The domain's XML (https://libvirt.org/formatdomain.html). No device that the guest does not need: libvirt would add a USB
 * controller and a balloon by itself. The domain is transient. Whatever ends the guest destroys it, so that nothing of it stays
 * behind; on Xen it stays until we destroy it, since only there it is seen how it ended.
 * @throws DRIVER_UNSUPPORTED for an argument that XML cannot hold
 */
export function domainXml(spec: DomainSpec, { owner, profile }: DomainSetting): string {
  const atEnd = profile.kind === 'xen' ? 'preserve' : 'destroy';
  return toXml(
    element('domain', { type: domainType(profile) }, [
      element('name', {}, domainName(spec.name, spec.id)),
      element('uuid', {}, spec.id),
      element('metadata', {}, [
        element('unicore:instance', {
          'xmlns:unicore': METADATA_NAMESPACE,
          owner,
          name: spec.name,
        }),
      ]),
      element('memory', { unit: 'b' }, String(spec.memoryBytes)),
      element('vcpu', {}, String(spec.vcpus)),
      operatingSystem(spec, profile),
      ...(profile.kind === 'qemu' ? [processor()] : []),
      element('clock', { offset: 'utc' }),
      element('on_poweroff', {}, atEnd),
      element('on_reboot', {}, atEnd),
      element('on_crash', {}, atEnd),
      ...devicesOf(profile, spec.park),
    ]),
  );
}

function domainType(profile: DomainProfile): string {
  if (profile.kind !== 'qemu') return profile.kind;
  return profile.accelerated ? 'kvm' : 'qemu';
}

function operatingSystem(spec: DomainSpec, profile: DomainProfile): Element {
  if (profile.kind === 'test') return element('os', {}, [element('type', {}, 'hvm')]);
  const commandLine = spec.park ? PARK_OPTION : commandLineFor(spec.image.manifest, spec.args);
  if (profile.kind === 'xen') {
    const pvh = profile.type === 'pvh';
    const machine = { arch: 'x86_64', machine: pvh ? 'xenpvh' : 'xenpv' };
    return element('os', {}, [
      element('type', machine, pvh ? 'xenpvh' : 'linux'),
      element('kernel', {}, profile.kernel),
      ...(commandLine === '' ? [] : [element('cmdline', {}, commandLine)]),
    ]);
  }
  const { firmware } = profile;
  return element('os', {}, [
    element('type', { arch: 'x86_64', machine: 'pc' }, 'hvm'), // libvirt 9 refuses `microvm`
    ...(firmware === null ? [] : [element('loader', { type: 'rom' }, firmware)]),
    element('kernel', {}, spec.image.path),
    ...(commandLine === '' ? [] : [element('cmdline', {}, commandLine)]),
  ]);
}

/** The model that the acceleration was probed with; `host` aborts QEMU on some nested hosts. */
function processor(): Element {
  return element('cpu', { mode: 'custom', match: 'exact', check: 'none' }, [
    element('model', { fallback: 'forbid' }, 'qemu64'),
  ]);
}

function devicesOf(profile: DomainProfile, park: boolean): readonly Element[] {
  if (profile.kind === 'qemu') return [qemuDevices(profile.serial, park)];
  if (profile.kind === 'test') return [];
  const console = element('console', { type: 'pty' }, [
    element('target', { type: 'xen', port: '0' }),
  ]);
  return [element('devices', {}, [console])];
}

function qemuDevices(serial: SerialPaths, park: boolean): Element {
  return element('devices', {}, [
    element('controller', { type: 'usb', model: 'none' }),
    element('memballoon', { model: 'none' }),
    element('serial', { type: 'unix' }, [
      element('source', { mode: 'bind', path: serial.socket }),
      element('log', { file: serial.log, append: 'on' }),
      element('target', { type: 'isa-serial', port: '0' }),
    ]),
    ...(park ? [claimPort(serial)] : []),
  ]);
}

/**
 * A port of its own, not the console: what a guest prints while a client of the console's socket reads slowly is in QEMU's log
 * twice (chardev/char.c logs what the socket did not take, and again when it does).
 */
function claimPort(serial: SerialPaths): Element {
  return element('serial', { type: 'unix' }, [
    element('source', { mode: 'bind', path: serial.claims }),
    element('target', { type: 'isa-serial', port: '1' }),
  ]);
}
