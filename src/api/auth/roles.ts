// SPDX-License-Identifier: BSD-3-Clause

/** viewer: reads. operator: changes instances, images and builds. admin: everything. Each has what those before it have. */
export const ROLES = ['viewer', 'operator', 'admin'] as const;
export type Role = (typeof ROLES)[number];

/** Whether `role` has all that `needed` has. */
export function roleAllows(role: Role, needed: Role): boolean {
  return ROLES.indexOf(role) >= ROLES.indexOf(needed);
}

/** What a method needs unless a route says otherwise. */
export function roleForMethod(method: string): Role {
  return method === 'GET' || method === 'HEAD' || method === 'OPTIONS' ? 'viewer' : 'operator';
}
