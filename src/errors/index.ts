// SPDX-License-Identifier: BSD-3-Clause
export { ERROR_CODES, type ErrorCode, type ErrorKind } from './codes.js';
export {
  isUnicoreError,
  messageOf,
  UnicoreError,
  type FieldError,
  type UnicoreErrorOptions,
} from './unicore-error.js';
