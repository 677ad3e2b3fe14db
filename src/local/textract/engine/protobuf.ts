// Reads and writes protocol buffers' wire format (https://protobuf.dev/programming-guides/encoding/), as far as ONNX files use it.

const varint = 0;
const eightBytes = 1;
const bytes = 2;
const fourBytes = 5;

/** A field of a message: a number for a varint, the bytes of everything else. */
export type Field = { number: number } & (
  | { wire: typeof varint; value: bigint }
  | { wire: typeof eightBytes | typeof bytes | typeof fourBytes; value: Uint8Array }
);

export function readFields(message: Uint8Array): Field[] {
  const fields: Field[] = [];
  let at = 0;
  const readVarint = () => {
    let value = 0n;
    for (let shift = 0n; ; shift += 7n) {
      const byte = message[at++];
      if (byte === undefined) throw new RangeError('The message ends within a number');
      value |= BigInt(byte & 127) << shift;
      if (byte < 128) return value;
    }
  };
  const take = (length: number) => {
    if (at + length > message.length) throw new RangeError('The message ends within a field');
    at += length;
    return message.subarray(at - length, at);
  };
  while (at < message.length) {
    const key = Number(readVarint());
    const [number, wire] = [key >>> 3, key & 7];
    if (wire === varint) fields.push({ number, wire, value: readVarint() });
    else if (wire === bytes) fields.push({ number, wire, value: take(Number(readVarint())) });
    else if (wire === fourBytes) fields.push({ number, wire, value: take(4) });
    else if (wire === eightBytes) fields.push({ number, wire, value: take(8) });
    else throw new RangeError(`The message has a field of the unknown type ${wire}`);
  }
  return fields;
}

export function writeFields(fields: Field[]): Uint8Array {
  return Buffer.concat(
    fields.flatMap((field) => {
      const key = writeVarint(BigInt(field.number * 8 + field.wire));
      if (field.wire === varint) return [key, writeVarint(field.value)];
      if (field.wire === bytes) return [key, writeVarint(BigInt(field.value.length)), field.value];
      return [key, field.value];
    }),
  );
}

function writeVarint(value: bigint): Uint8Array {
  const written: number[] = [];
  let left = BigInt.asUintN(64, value);
  do {
    const low = Number(left & 127n);
    left >>= 7n;
    written.push(left > 0n ? low | 128 : low);
  } while (left > 0n);
  return Uint8Array.from(written);
}

/** The numbers of a repeated field, packed into one field or not. */
export function readNumbers(field: Field): number[] {
  if (field.wire === varint) return [Number(BigInt.asIntN(64, field.value))];
  const numbers: number[] = [];
  let value = 0n;
  let shift = 0n;
  for (const byte of field.value) {
    value |= BigInt(byte & 127) << shift;
    shift += 7n;
    if (byte < 128) {
      numbers.push(Number(BigInt.asIntN(64, value)));
      [value, shift] = [0n, 0n];
    }
  }
  return numbers;
}

export function numberField(number: number, value: number): Field {
  return { number, wire: varint, value: BigInt(value) };
}

export function bytesField(number: number, value: Uint8Array | string): Field {
  return { number, wire: bytes, value: typeof value === 'string' ? Buffer.from(value) : value };
}
