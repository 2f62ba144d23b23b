// SPDX-License-Identifier: BSD-3-Clause
import { XMLBuilder } from 'fast-xml-parser';
import { UnicoreError } from '../../../../errors/index.js';

/** An XML element: attributes, and either text or elements inside. */
export interface Element {
  readonly name: string;
  readonly attributes?: Readonly<Record<string, string>>;
  readonly children?: readonly Element[];
  readonly text?: string;
}

/** Shorthand for an element. */
export function element(
  name: string,
  attributes: Readonly<Record<string, string>> = {},
  content: readonly Element[] | string = [],
): Element {
  return typeof content === 'string'
    ? { name, attributes, text: content }
    : { name, attributes, children: content };
}

// Not in XML 1.0 at all, not even as a reference (production 2, Char).
const NOT_XML = /[^\t\n\r\u{20}-\u{d7ff}\u{e000}-\u{fffd}\u{10000}-\u{10ffff}]/u;

// A parser turns a bare \r into \n, and in attributes \n and \t into spaces; a reference stays what it is.
const REFERENCES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&apos;',
  '\t': '&#9;',
  '\n': '&#10;',
  '\r': '&#13;',
};

function escape(text: string): string {
  const bad = NOT_XML.exec(text)?.[0];
  if (bad !== undefined) {
    const code = bad.codePointAt(0)?.toString(16).toUpperCase().padStart(4, '0') ?? '';
    throw new UnicoreError(
      'DRIVER_UNSUPPORTED',
      `libvirt takes its domains as XML, which cannot hold the character U+${code}: leave it out of the arguments`,
    );
  }
  return text.replace(/[&<>"'\t\n\r]/g, (character) => REFERENCES[character] ?? character);
}

// eslint-disable-next-line @typescript-eslint/no-deprecated -- the package that it moved to is the one that this re-exports
const builder = new XMLBuilder({
  preserveOrder: true,
  ignoreAttributes: false,
  attributeNamePrefix: '@',
  suppressEmptyNode: true,
  suppressBooleanAttributes: false,
  processEntities: false, // its own five are not enough: see escape
});

/** Writes an element as XML. @throws DRIVER_UNSUPPORTED for a character that XML cannot hold */
export function toXml(root: Element): string {
  return builder.build([toNode(root)]);
}

function toNode({ name, attributes = {}, children = [], text }: Element): object {
  const content = text === undefined ? children.map(toNode) : [{ '#text': escape(text) }];
  const escaped = Object.entries(attributes).map(([key, value]) => [`@${key}`, escape(value)]);
  return { [name]: content, ':@': Object.fromEntries(escaped) as Record<string, string> };
}
