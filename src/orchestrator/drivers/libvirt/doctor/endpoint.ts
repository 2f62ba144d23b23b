// SPDX-License-Identifier: BSD-3-Clause
import { existsSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';

/** The daemon of this machine that a URI leads to, and the sockets by which it is asked about itself. */
export interface LocalLibvirt {
  readonly daemon: 'libvirtd' | 'virtqemud';
  readonly socket: string;
  /** URIs for virt-admin(1). */
  readonly admin: string;
  readonly logAdmin: string;
}

/** Where a libvirtd that runs for the whole system listens. */
export const LIBVIRT_SOCKETS = [
  '/run/libvirt/libvirt-sock',
  '/var/run/libvirt/libvirt-sock',
  '/run/libvirt/virtqemud-sock',
] as const;

/** Null for a libvirt of another machine, or of a user's session. */
export function localLibvirt(uri: string): LocalLibvirt | null {
  const match = /^qemu(?:\+unix)?:\/\/\/system(?:\?(.*))?$/.exec(uri);
  if (match === null) return null;
  const given = new URLSearchParams(match[1] ?? '').get('socket');
  const socket = given ?? LIBVIRT_SOCKETS.find((path) => existsSync(path)) ?? LIBVIRT_SOCKETS[0];
  const daemon = basename(socket).startsWith('virtqemud') ? 'virtqemud' : 'libvirtd';
  const admin = (name: string, file: string): string => {
    const path = encodeURIComponent(join(dirname(socket), file));
    return `${name}+unix:///system?socket=${path}`;
  };
  return {
    daemon,
    socket,
    admin: admin(daemon, daemon === 'libvirtd' ? 'libvirt-admin-sock' : 'virtqemud-admin-sock'),
    logAdmin: admin('virtlogd', 'virtlogd-admin-sock'),
  };
}
