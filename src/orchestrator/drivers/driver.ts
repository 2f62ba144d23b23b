// SPDX-License-Identifier: BSD-3-Clause
import type { StoredImage } from '../../build/image.js';
import type { BootProtocol } from '../../build/image.js';

export type DriverKind = 'libvirt' | 'linuxu' | 'xl' | 'sim';

/**
 * What a driver can do on its host. Not in here: anything that depends on one domain or that every driver must do
 * (create, destroy, list, report exits).
 */
export interface DriverCapabilities {
  /** Boot protocols it can start, on the architectures below. */
  readonly bootProtocols: readonly BootProtocol[];
  readonly architectures: readonly string[];
  /** The platforms of targets whose images are meant for it, as in `kvm` of `kvm-x86_64`. */
  readonly platforms: readonly string[];
  readonly pause: boolean;
  /** Whether a domain can be created paused at its first instruction. */
  readonly createPaused: boolean;
  /** Whether a guest whose image can park (`parks` in its manifest) waits before `main` until it is claimed. */
  readonly park: boolean;
  /** Whether the guest can be asked to shut down. Without it, `shutdown` is refused with DRIVER_UNSUPPORTED. */
  readonly gracefulShutdown: boolean;
  readonly console: 'none' | 'output' | 'both';
  /** Whether the guest's own exit code is known when it ends. */
  readonly exitCode: boolean;
  readonly stats: boolean;
}

/** What a domain takes of the host's memory besides its guest's, in bytes: for its emulator, its tables, its descriptions. */
export interface MemoryOverhead {
  readonly perGuest: number;
  readonly perVcpu: number;
}

/** What the host is and what it has. A figure that the host does not tell is null. */
export interface HostFacts {
  /** The hypervisor's name and version, for people. */
  readonly hypervisor: string;
  readonly memoryBytes: number | null;
  readonly freeMemoryBytes: number | null;
  readonly cpus: number | null;
  readonly overhead: MemoryOverhead;
  /** Whether its guests live in the memory of the machine that the daemon runs on, which other hosts then have guests in, too. */
  readonly onThisMachine: boolean;
  /** Tells the machine from all others, where only one driver may look after it; the same whichever way it is reached. */
  readonly machineId?: string | null;
  /** How guests are run, as in `kvm`, `tcg`, `process`. */
  readonly acceleration: string;
}

/** A domain to create. All values were validated; the driver escapes them for its own sink. */
export interface DomainSpec {
  /** The instance's id, which becomes the domain's UUID. */
  readonly id: string;
  /** `[a-z0-9-]{1,63}`, unique on the host among Unicore's own. */
  readonly name: string;
  readonly image: StoredImage;
  readonly memoryBytes: number;
  readonly vcpus: number;
  /** The application's arguments, each a whole argument (no shell splits them again). */
  readonly args: readonly string[];
  /** Leave it paused at its first instruction. */
  readonly paused: boolean;
  /** Boot it, and let it wait before `main` for `claim`, which brings its arguments: `args` is empty, `paused` false. */
  readonly park: boolean;
}

/** What makes a parked guest the one that somebody asked for. */
export interface DomainClaim {
  /** As `DomainSpec.name`. The domain keeps the name that it was created with. */
  readonly name: string;
  /** As `DomainSpec.args`. */
  readonly args: readonly string[];
}

/** `booting` is not among them: whether a guest reached `main` is told by the `ready` event. */
export type DomainState = 'running' | 'paused' | 'stopped' | 'crashed';

/** How a domain ended. */
export interface DomainExit {
  readonly reason: 'exited' | 'crashed' | 'destroyed' | 'unknown';
  /** The guest's exit code, if it told one. */
  readonly exitCode: number | null;
  /** One line for people, as in `killed by signal 11`. */
  readonly message: string;
}

/** One domain as the host shows it. */
export interface DomainObservation {
  readonly id: string;
  readonly name: string;
  /** Whether it carries the ownership marker of this daemon's state directory. Others are strangers and never touched. */
  readonly owned: boolean;
  readonly state: DomainState;
  /** Whether it is known to have reached `main`; nanoseconds from its entry to `main` if it told. */
  readonly ready: { readonly bootNanoseconds: number | null } | null;
  /** Whether it waits before `main` to be claimed. Its state is `running` then. */
  readonly parked: boolean;
  /** Set if it has ended and the driver still remembers how. */
  readonly exit: DomainExit | null;
}

export interface DomainStats {
  readonly id: string;
  /** Processor time used since it was created. */
  readonly cpuNanoseconds: number;
  /** Host memory that it occupies. */
  readonly memoryBytes: number;
}

/**
 * What drivers tell. Each domain's events come in order; the driver may repeat one after a reconnection. `host-down` means
 * that the host does not answer: its domains are neither running nor gone, as far as we know; `host-up` that it does so
 * again, so it is not told of a first connection.
 */
export type DriverEvent =
  | { readonly type: 'started'; readonly id: string }
  | { readonly type: 'paused'; readonly id: string }
  | { readonly type: 'resumed'; readonly id: string }
  /** It has booted and waits before `main`. */
  | { readonly type: 'parked'; readonly id: string }
  | { readonly type: 'ready'; readonly id: string; readonly bootNanoseconds: number | null }
  | { readonly type: 'ended'; readonly id: string; readonly exit: DomainExit }
  | { readonly type: 'host-down'; readonly reason: string }
  | { readonly type: 'host-up' };

/** A chunk of a domain's console output. */
export interface ConsoleChunk {
  /** Byte offset in all that the domain has printed. A gap means that older output is no longer kept. */
  readonly offset: number;
  readonly data: Uint8Array;
}

export interface ConsoleReading {
  /** Whether to go on with what comes, until the domain ends, after what there is already. True unless given. */
  readonly follow?: boolean;
  readonly signal?: AbortSignal | undefined;
}

/**
 * One hypervisor endpoint. Calls are safe to make at the same time. A call that fails rejects with a `UnicoreError`:
 * DRIVER_FAILED with the hypervisor's own words, NO_CAPACITY, HOST_UNAVAILABLE (nothing is known of what it did),
 * DOMAIN_NOT_FOUND, DRIVER_UNSUPPORTED, DEADLINE_EXCEEDED.
 *
 * Domains outlive the driver object and the daemon. After `open`, `list` shows what is there, whoever made it.
 */
export interface HypervisorDriver {
  readonly kind: DriverKind;
  readonly capabilities: DriverCapabilities;
  /**
   * Whether a domain may be created while its record is still being written. For drivers that create about as fast as that is,
   * and whose guests reach nothing outside of themselves, so that one that comes to nothing has done nothing.
   */
  readonly createsAhead?: boolean;

  /** Connects. Rejects with HOST_UNAVAILABLE if the host does not answer; the driver then keeps trying, and tells `host-up`. */
  open(): Promise<void>;
  /** Disconnects and frees everything local. Domains go on. */
  close(): Promise<void>;
  facts(): Promise<HostFacts>;

  /** Creates and starts a domain. If one with this id exists and is ours, does nothing: it may be called again after a crash. */
  create(spec: DomainSpec, signal?: AbortSignal): Promise<void>;
  /** Ends the domain at once and removes all that belonged to it. Does nothing if there is none. Refuses strangers (DOMAIN_NOT_FOUND). */
  destroy(id: string): Promise<void>;
  /** Asks the guest to end itself; `ended` tells when it has. */
  shutdown(id: string): Promise<void>;
  pause(id: string): Promise<void>;
  resume(id: string): Promise<void>;
  /**
   * Gives a parked guest its arguments and lets it go on to `main`; `ready` tells when it is there. Of two claims one is
   * refused. @throws INVALID_PHASE if it is not parked, or not any more; INVALID_REQUEST if the arguments are too long for it
   * (see `fitsClaim`), and it stays parked
   */
  claim(id: string, claim: DomainClaim): Promise<void>;

  /** All domains of the host, ours and strangers. Ours that ended stay listed until `destroy` is called, where the driver remembers them. */
  list(): Promise<readonly DomainObservation[]>;
  /** One sample for the whole host. */
  stats(): Promise<readonly DomainStats[]>;

  /** Output from `fromOffset` on (what is still kept of it), and what comes until the domain ends, or not: see `ConsoleReading`. */
  readConsole(
    id: string,
    fromOffset: number,
    reading?: ConsoleReading,
  ): AsyncIterable<ConsoleChunk>;
  writeConsole(id: string, data: Uint8Array): Promise<void>;

  /** Tells of events from now on, until the returned function is called. */
  onEvent(listener: (event: DriverEvent) => void): () => void;
}
