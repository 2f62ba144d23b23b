// SPDX-License-Identifier: BSD-3-Clause
import type { KeyObject } from 'node:crypto';

/** A registry that images may be pulled from and pushed to. */
export interface RegistrySettings {
  /** Host, and port if it is not 443, as in `registry.example.org:5000`. */
  readonly host: string;
  /** Plain HTTP. For registries on this machine only: nothing of it is secret or safe from change on the way. */
  readonly insecure: boolean;
  /** Other hosts that it may send us to, for a token or for a blob, as in `auth.example.org`. HTTPS, always. */
  readonly trustedHosts: readonly string[];
  /** PEM of certificate authorities that its certificate, and those of trusted hosts, may be from, besides the usual ones. */
  readonly certificateAuthorities: string | null;
  readonly username: string | null;
  /** A file with the password or token, read anew for each transfer. */
  readonly passwordFile: string | null;
}

/** Who may be spoken to, and whose images are trusted. */
export interface ExchangeSettings {
  readonly registries: readonly RegistrySettings[];
  /** An Ed25519 private key: what is pushed is signed with it. */
  readonly signingKey: KeyObject | null;
  /** With `require`, only what one of `publicKeys` signed is pulled. */
  readonly verification: 'off' | 'require';
  readonly publicKeys: readonly KeyObject[];
}
