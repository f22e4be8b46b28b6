import { InputError } from '../../base/errors.ts';
import type { FirmwareData, FirmwareImage } from '../../npu/image/firmware-image.ts';
import { nearestName } from '../../topology/nearest-name.ts';

/**
 * An image whose object holds other octets when the firmware starts: what a host would write into the card's memory.
 * @param where names the file that asks for it, for messages
 * @throws InputError when there is no such object, or it is smaller
 */
export function fillMemory(image: FirmwareImage, name: string, octets: Uint8Array, where: string): FirmwareImage {
  const objects = image.symbols.filter(({ memory }) => memory !== 'code');
  const object = objects.find((candidate) => candidate.name === name);
  if (object === undefined || object.memory === 'code') {
    const names = objects.map((candidate) => candidate.name);
    const nearest = nearestName(name, names);
    const hint = nearest === undefined ? `expected one of ${names.join(', ')}` : `did you mean '${nearest}'?`;
    throw new InputError('unknown-object', `${where}: memory: the program has no object '${name}': ${hint}`);
  }
  if (octets.length > object.size) {
    throw new InputError(
      'object-too-small',
      `${where}: memory: expected at most the ${object.size} octets of ${name}, got ${octets.length}`,
    );
  }
  const { memory, address } = object;
  const end = address + octets.length;
  const covers = (data: FirmwareData): boolean =>
    data.memory === memory && data.address < end && data.address + data.octets.length > address;
  const data = image.data.flatMap((each) => (covers(each) ? without(each, address, end) : [each]));
  return { ...image, data: [...data, { memory, address, octets }] };
}

/** What lies before and behind a stretch. */
function without({ memory, address, octets }: FirmwareData, start: number, end: number): FirmwareData[] {
  const before = octets.subarray(0, Math.max(0, start - address));
  const behind = octets.subarray(Math.max(0, end - address));
  return [
    { memory, address, octets: before },
    { memory, address: Math.max(address, end), octets: behind },
  ].filter((part) => part.octets.length > 0);
}
