/** Where an ELF file ends (System V ABI, chapter "ELF Header"). */

const EI_MAG = 0x7f454c46; // big-endian: 0x7f "ELF"
const EI_CLASS_AND_DATA = 4; // u8 each
const CLASS_64_LITTLE_ENDIAN = 0x0201;
const E_SHOFF = 0x28; // u64: where the section-header table begins
const E_SHENTSIZE = 0x3a; // u16: bytes of one section header
const E_SHNUM = 0x3c; // u16: how many there are
/** Bytes of the header. */
export const ELF_HEADER_LENGTH = 0x40;

/**
 * Where the section-header table of a 64-bit little-endian ELF file ends, in bytes from its start.
 * Linkers put that table last, so that what lies behind was appended later.
 *
 * @param file at least its header
 * @throws {TypeError} when `file` is no such file
 */
export function elfEnd(file: Uint8Array): number {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  if (
    file.length < ELF_HEADER_LENGTH || view.getUint32(0) !== EI_MAG ||
    view.getUint16(EI_CLASS_AND_DATA) !== CLASS_64_LITTLE_ENDIAN
  ) throw new TypeError("not a 64-bit little-endian ELF file");
  return Number(view.getBigUint64(E_SHOFF, true)) +
    view.getUint16(E_SHENTSIZE, true) * view.getUint16(E_SHNUM, true);
}
