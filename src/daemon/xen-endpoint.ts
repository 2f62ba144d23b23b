// SPDX-License-Identifier: BSD-3-Clause

interface Ssh {
  readonly destination: string;
  readonly options: readonly string[];
}

/** What is needed of a host's configuration. */
type Host =
  | { readonly driver: 'xl'; readonly ssh?: Ssh | undefined }
  | { readonly driver: 'libvirt'; readonly uri: string; readonly ssh?: Ssh | undefined }
  | { readonly driver: 'linuxu' };

/** The endpoint of the dom0 that the daemon runs in. */
export const THIS_MACHINE = 'this machine';
const SSH_PORT = '22';

/**
 * The dom0 that a host of the configuration stands for, in a form in which two can be compared; null if it is no Xen host. Two ways to
 * the same dom0 that do not show here (a name and an address, ssh and TCP) are told apart by the machines' own identities when
 * they answer.
 */
export function xenEndpoint(host: Host): string | null {
  if (host.driver === 'xl') {
    return host.ssh === undefined ? THIS_MACHINE : sshEndpoint(host.ssh);
  }
  if (host.driver !== 'libvirt') return null;
  const match = /^xen(?:\+([a-z0-9]+))?:\/\/([^/]*)/.exec(host.uri);
  if (match === null) return null;
  const [, transport, authority = ''] = match;
  const [, name = '', port] = /^(?:[^@]*@)?(.*?)(?::(\d+))?$/.exec(authority) ?? [];
  // A socket of this machine may be the end of a tunnel: then ssh leads to the dom0 behind it.
  if (name === '') return host.ssh === undefined ? THIS_MACHINE : sshEndpoint(host.ssh);
  if (transport === 'ssh' || transport === 'libssh' || transport === 'libssh2') {
    return atPort(name, port ?? SSH_PORT);
  }
  return `${transport ?? 'tls'}:${name.toLowerCase()}:${port ?? ''}`;
}

/**
 * How ssh reaches the host of a `xen+ssh` URI, with the key that it names for libvirt's own ssh (https://libvirt.org/uri.html); null for
 * other URIs.
 */
export function sshOfUri(uri: string): { destination: string; options: string[] } | null {
  const match = /^xen\+(?:ssh|libssh2?):\/\/([^/:]+)(?::(\d+))?\/[^?]*(?:\?(.*))?$/.exec(uri);
  const [, destination, port, query] = match ?? [];
  if (destination === undefined || destination.startsWith('-')) return null;
  const key = new URLSearchParams(query).get('keyfile');
  return {
    destination,
    options: [
      ...(port === undefined ? [] : ['-p', port]),
      ...(key === null || key === '' ? [] : ['-i', key]),
    ],
  };
}

/** Whether there is a way to the dom0 of this Xen host: this machine, the URI's ssh, or one of its own. */
export function reachesDom0(host: Host): boolean {
  if (host.driver !== 'libvirt' || host.ssh !== undefined) return true;
  return xenEndpoint(host) === THIS_MACHINE || sshOfUri(host.uri) !== null;
}

function sshEndpoint({ destination, options }: Ssh): string {
  return atPort(destination.slice(destination.lastIndexOf('@') + 1), sshPort(options));
}

function atPort(name: string, port: string): string {
  return `ssh:${name.toLowerCase()}:${port}`;
}

/** `-p PORT`, `-pPORT` or `-o Port=PORT` among the arguments of ssh(1). */
function sshPort(options: readonly string[]): string {
  for (const [index, option] of options.entries()) {
    const next = options[index + 1] ?? '';
    if (option === '-p') return next;
    if (option === '-o' && /^port[ =]/i.test(next)) return next.slice(5).trim();
    const joined = /^-p(\d+)$|^-oport[ =]\s*(\d+)$/i.exec(option);
    if (joined !== null) return joined[1] ?? joined[2] ?? SSH_PORT;
  }
  return SSH_PORT;
}
