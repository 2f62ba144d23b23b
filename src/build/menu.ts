// SPDX-License-Identifier: BSD-3-Clause
import type { Target } from './target.js';

/** An entry of a configuration's menu that has a prompt: all that a form needs to draw it. */
export interface MenuEntry {
  readonly kind: 'menu' | 'config' | 'choice' | 'comment';
  readonly prompt: string;
  readonly help: string | null;
  /** Whether a menu shows it at present. One that is hidden may be shown when other values change. */
  readonly visible: boolean;
  /** What it depends on, together with what is around it: an expression, or null. */
  readonly dependsOn: string | null;
  /** Null for menus, comments and choices without a name. */
  readonly symbol: string | null;
  /** Null for menus and comments. */
  readonly type: 'bool' | 'tristate' | 'int' | 'hex' | 'string' | null;
  /** As in a `.config`; of a choice, the member that is chosen. Null for menus, comments, and choices without one. */
  readonly value: string | null;
  /** The value that it has as long as nobody sets it. */
  readonly default: string | null;
  /** What it can be set to now: of a choice, its members. Null where numbers or text are. */
  readonly allowed: readonly string[] | null;
  /** Bounds of a number, both included, or null. */
  readonly range: { readonly low: string; readonly high: string } | null;
  /** Whether the request or the application's defaults set it. */
  readonly chosen: boolean;
  /** The symbols that force it at present. */
  readonly selectedBy: readonly string[];
  readonly entries: readonly MenuEntry[];
}

/** The menu of an application's configuration for one target, with the values as they are. */
export interface ConfigurationMenu {
  readonly target: Target;
  readonly title: string;
  readonly entries: readonly MenuEntry[];
  /** What differs from the defaults of the libraries: lines of a `.config`, the target's among them. */
  readonly defconfig: string;
}
