/** C: the value of a field_list_calculation now, of its `output_width` bits: unsigned int, or unsigned long long. */
export function calculationCall(name: string): string {
  return `pif_calculation_${name}()`;
}
