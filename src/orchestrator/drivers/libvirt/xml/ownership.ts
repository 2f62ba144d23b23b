// SPDX-License-Identifier: BSD-3-Clause
import { XMLParser } from 'fast-xml-parser';

/** The XML namespace of our element in a domain's `<metadata>`. */
export const METADATA_NAMESPACE = 'urn:unicore:libvirt:1';

/** Our mark on a domain. */
export interface OwnershipMark {
  /** The id of the daemon's state directory. */
  readonly owner: string;
  /** The instance's name, which the domain's name contains. */
  readonly name: string;
}

const NAME_PREFIX = 'uc-';

/**
 * A domain's name: `uc-<instance name>-<first 8 digits of its id>`. libvirt wants names unique on the host, among
 * strangers and other Unicore daemons too; an instance's name is unique for its own daemon only.
 */
export function domainName(instanceName: string, id: string): string {
  return `${NAME_PREFIX}${instanceName}-${id.slice(0, 8)}`;
}

/** Whether the domain may be one of ours, so that its metadata is worth a look. */
export function mayBeOurs(name: string): boolean {
  return name.startsWith(NAME_PREFIX);
}

const parser = new XMLParser({
  ignoreAttributes: false,
  attributeNamePrefix: '',
  parseAttributeValue: false,
  removeNSPrefix: true,
});

/** The mark in an `<instance>` element, or null if it is not shaped like ours. */
export function parseMark(xml: string): OwnershipMark | null {
  const document = parser.parse(xml) as { instance?: { owner?: unknown; name?: unknown } };
  const { owner, name } = document.instance ?? {};
  return typeof owner === 'string' && typeof name === 'string' ? { owner, name } : null;
}
