import * as z from 'zod';

/** An id of anything that Paperlift stores: a ULID (https://github.com/ulid/spec). */
export const ulid = z.string().regex(/^[0-7][0-9A-HJKMNP-TV-Z]{25}$/);
