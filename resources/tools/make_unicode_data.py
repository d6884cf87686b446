#!/usr/bin/env python3
"""Writes engine/text/unicode_data.cpp: what the tokenizers need to know of the Unicode character database.

    pip install unicodedata2==15.1.0
    python3 resources/tools/make_unicode_data.py > engine/text/unicode_data.cpp

The version matters: vocabularies are compared with other engines, whose tables are of Unicode 15.1. Without the package
Python's own (older or newer) database is used.
"""

try:
    import unicodedata2 as unicodedata
except ImportError:
    import unicodedata

CODE_POINTS = 0x110000
BLOCK = 128

# The flags of engine/text/unicode.h, in the order of enum class UnicodeClass.
CLASS_OF_CATEGORY = {"N": 0, "L": 1, "Z": 2, "M": 3, "P": 4, "S": 5, "C": 6}
UNASSIGNED = 7
WHITESPACE = 0x80
WHITE_SPACE_PROPERTY = (
    set(range(0x09, 0x0E))
    | set(range(0x2000, 0x200B))
    | {0x20, 0x85, 0xA0, 0x1680, 0x2028, 0x2029, 0x202F, 0x205F, 0x3000}
)


def flags(code_point):
    category = unicodedata.category(chr(code_point))
    number = UNASSIGNED if category == "Cn" else CLASS_OF_CATEGORY[category[0]]
    return number | (WHITESPACE if code_point in WHITE_SPACE_PROPERTY else 0)


def simple_lowercase(code_point):
    # Full mappings longer than one character begin with the simple one (only U+0130 has such a mapping).
    return ord(chr(code_point).lower()[0])


def first_of_decomposition(code_point):
    return ord(unicodedata.normalize("NFD", chr(code_point))[0])


def print_array(declaration, items, per_line):
    print(f"{declaration}{{")
    for start in range(0, len(items), per_line):
        print(",".join(items[start : start + per_line]) + ",")
    print("};\n")


def print_mapping(name, mapping):
    """Ranges of neighbours that map to one value, or to values at one distance."""
    ranges = []
    for source in range(CODE_POINTS):
        target = mapping(source)
        if target == source:
            continue
        if ranges:
            first, last, base, step = ranges[-1]
            if last == source - 1 and (last == first or step == 0) and target == base:
                ranges[-1] = (first, source, base, 0)
                continue
            if last == source - 1 and (last == first or step == 1) and target == base + source - first:
                ranges[-1] = (first, source, base, 1)
                continue
        ranges.append((source, source, target, 0))
    rows = [f"{{{first},{last},{base},{step}}}" for first, last, base, step in ranges]
    print(f"constexpr CodePointRange {name}Ranges[] = {{")
    for start in range(0, len(rows), 6):
        print(",".join(rows[start : start + 6]) + ",")
    print("};")
    print(f"const std::span<const CodePointRange> {name} = {name}Ranges;\n")


def main():
    blocks = []
    index = []
    for start in range(0, CODE_POINTS, BLOCK):
        block = tuple(flags(code_point) for code_point in range(start, start + BLOCK))
        if block not in blocks:
            blocks.append(block)
        index.append(blocks.index(block))
    print(f"// Made by resources/tools/make_unicode_data.py from Unicode {unicodedata.unidata_version}; do not edit.")
    print('#include "engine/text/unicode_data.h"\n')
    print("// clang-format off")
    print("namespace hearth::unicode {\n")
    print_array(f"const std::uint16_t kBlockIndex[{len(index)}] = ", [str(number) for number in index], 40)
    values = [str(value) for block in blocks for value in block]
    print_array("const std::uint8_t kBlockFlags[] = ", values, 40)
    print_mapping("kLowercase", simple_lowercase)
    print_mapping("kFirstOfDecomposition", first_of_decomposition)
    print("} // namespace hearth::unicode")


if __name__ == "__main__":
    main()
