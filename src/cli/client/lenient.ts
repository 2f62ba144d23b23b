// SPDX-License-Identifier: BSD-3-Clause
import { z } from 'zod';

const made = new WeakMap<z.core.$ZodType, z.core.$ZodType>();

/**
 * The same schema, with objects that may have further fields at any depth: a newer daemon may add some to its answers (they are
 * kept), and never takes one away or gives it another type.
 */
export function lenient<T extends z.core.$ZodType>(schema: T): T {
  const known = made.get(schema);
  if (known !== undefined) return known as T;
  const { def } = schema._zod;
  const result = z.core.clone<T>(schema, looser(def));
  made.set(schema, result);
  return result;
}

function looser(def: z.core.$ZodTypeDef): z.core.$ZodTypeDef {
  const loose: Record<string, unknown> = { ...def };
  for (const key of ['element', 'innerType', 'valueType', 'in', 'out']) {
    if (isSchema(loose[key])) loose[key] = lenient(loose[key]);
  }
  if (Array.isArray(loose.options)) {
    loose.options = loose.options.map((option: unknown) =>
      isSchema(option) ? lenient(option) : option,
    );
  }
  if (def.type === 'object') {
    const { shape } = def as z.core.$ZodObjectDef;
    loose.shape = looserShape(shape);
    loose.catchall = z.unknown();
  }
  return loose as unknown as z.core.$ZodTypeDef;
}

/** Each field is made when it is first looked at: a schema may contain itself. */
function looserShape(shape: z.core.$ZodShape): z.core.$ZodShape {
  const loose: Record<string, z.core.$ZodType> = {};
  for (const name of Object.keys(shape)) {
    const get = (): z.core.$ZodType | undefined => {
      const field = shape[name];
      return field && lenient(field);
    };
    Object.defineProperty(loose, name, { enumerable: true, get });
  }
  return loose;
}

function isSchema(value: unknown): value is z.core.$ZodType {
  return typeof value === 'object' && value !== null && '_zod' in value;
}
