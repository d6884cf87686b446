#include "engine/text/jinja/to_json.h"

#include "engine/text/jinja/attribute_path.h"
#include "engine/text/jinja/numbers.h"
#include "engine/text/jinja/operations.h"
#include "engine/text/jinja/unicode.h"

#include <algorithm>
#include <cmath>

namespace hearth::jinja {
namespace {

class JsonWriter {
public:
    JsonWriter(Runtime& runtime, const JsonStyle& style) : m_runtime(runtime), m_style(style) {}

    Status write(const Value& value);
    std::string take() { return std::move(m_output); }

private:
    Status writeItems(const std::vector<Value>& items);
    Status writeDict(const Dict& dict);
    Status writeKey(const Value& key);
    void writeText(std::string_view text);
    void writeUnit(char32_t unit);
    void breakLine();

    Runtime& m_runtime;
    const JsonStyle& m_style;
    std::string m_output;
    std::size_t m_level = 0;
};

std::string realText(double value) {
    if (std::isnan(value))
        return "NaN";
    if (std::isinf(value))
        return value > 0 ? "Infinity" : "-Infinity";
    return floatText(value);
}

void JsonWriter::breakLine() {
    if (!m_style.indent)
        return;
    m_output += '\n';
    for (std::size_t level = 0; level < m_level; ++level)
        m_output += *m_style.indent;
}

void JsonWriter::writeUnit(char32_t unit) {
    m_output += "\\u";
    for (unsigned shift = 16; shift > 0; shift -= 4)
        m_output += "0123456789abcdef"[(unit >> (shift - 4)) & 0xFU];
}

void JsonWriter::writeText(std::string_view text) {
    constexpr std::string_view kEscaped = "\"\\\n\r\t\f\b";
    constexpr std::string_view kLetters = "\"\\nrtfb";
    m_output += '"';
    for (std::size_t offset = 0; offset < text.size();) {
        const std::size_t start = offset;
        const char32_t codePoint = decodeAt(text, offset);
        const std::size_t escape =
            codePoint < 0x80 ? kEscaped.find(static_cast<char>(codePoint)) : std::string_view::npos;
        if (escape != std::string_view::npos) {
            m_output += '\\';
            m_output += kLetters[escape];
        } else if (codePoint < 0x20 || (m_style.ensureAscii && codePoint >= 0x7F && codePoint < 0x10000)) {
            writeUnit(codePoint);
        } else if (m_style.ensureAscii && codePoint >= 0x10000) {
            writeUnit(0xD800 + ((codePoint - 0x10000) >> 10U));
            writeUnit(0xDC00 + ((codePoint - 0x10000) & 0x3FFU));
        } else {
            m_output += text.substr(start, offset - start);
        }
    }
    m_output += '"';
}

Status JsonWriter::writeItems(const std::vector<Value>& items) {
    if (items.empty()) {
        m_output += "[]";
        return {};
    }
    m_output += '[';
    ++m_level;
    for (std::size_t index = 0; index < items.size(); ++index) {
        m_output += index > 0 ? m_style.itemSeparator : "";
        breakLine();
        HEARTH_CHECK(write(items[index]));
    }
    --m_level;
    breakLine();
    m_output += ']';
    return {};
}

Status JsonWriter::writeKey(const Value& key) {
    switch (key.kind()) {
    case Kind::Text:
        writeText(textOf(key));
        return {};
    case Kind::None:
        m_output += "\"null\"";
        return {};
    case Kind::Boolean:
        m_output += key.asBoolean() ? "\"true\"" : "\"false\"";
        return {};
    case Kind::Integer:
        m_output += '"' + integerText(key.asInteger()) + '"';
        return {};
    case Kind::Float:
        m_output += '"' + realText(key.asReal()) + '"';
        return {};
    default:
        return wrongType("JSON keys must be strings, numbers, booleans or none, not", key);
    }
}

Status JsonWriter::writeDict(const Dict& dict) {
    if (dict.size() == 0) {
        m_output += "{}";
        return {};
    }
    std::vector<Keyed> entries;
    for (const Dict::Entry& entry : dict.entries())
        entries.push_back({entry.key, entry.value});
    if (m_style.sortKeys)
        HEARTH_CHECK(sortByKey(m_runtime, entries, false));
    m_output += '{';
    ++m_level;
    bool first = true;
    for (const Keyed& entry : entries) {
        m_output += first ? "" : m_style.itemSeparator;
        first = false;
        breakLine();
        HEARTH_CHECK(writeKey(entry.key));
        m_output += m_style.keySeparator;
        HEARTH_CHECK(write(entry.item));
    }
    --m_level;
    breakLine();
    m_output += '}';
    return {};
}

Status JsonWriter::write(const Value& value) {
    const DepthScope depth(m_runtime);
    HEARTH_CHECK(depth.check());
    HEARTH_CHECK(m_runtime.step());
    const std::size_t indent = m_style.indent ? (m_level + 2) * m_style.indent->size() : 0;
    HEARTH_CHECK(m_runtime.afford(m_output.size() + indent));
    switch (value.kind()) {
    case Kind::None:
        m_output += "null";
        return {};
    case Kind::Boolean:
        m_output += value.asBoolean() ? "true" : "false";
        return {};
    case Kind::Integer:
        m_output += integerText(value.asInteger());
        return {};
    case Kind::Float:
        m_output += realText(value.asReal());
        return {};
    case Kind::Text:
        HEARTH_CHECK(m_runtime.afford(textOf(value).size(), 6));
        writeText(textOf(value));
        return {};
    case Kind::List:
        return writeItems(value.as<List>().items);
    case Kind::Tuple:
        return writeItems(value.as<Tuple>().items);
    case Kind::Dict:
        return writeDict(value.as<Dict>());
    default:
        return templateError("a value of type '" + std::string(typeName(value)) + "' cannot be written as JSON");
    }
}

} // namespace

Result<JsonStyle> JsonStyle::from(Runtime& runtime, const Value& indent, const Value& separators) {
    JsonStyle style;
    if (indent.isText()) {
        style.indent = textOf(indent);
    } else if (indent.isIntegral()) {
        const Integer width = std::clamp<Integer>(indent.asInteger(), 0, Integer{1} << 40);
        HEARTH_CHECK(runtime.afford(static_cast<std::size_t>(width)));
        style.indent = std::string(static_cast<std::size_t>(width), ' ');
    } else if (!indent.isNone()) {
        return wrongType("tojson(): 'indent' must be a number or a string, not", indent);
    }
    if (style.indent)
        style.itemSeparator = ",";
    if (separators.isNone())
        return style;
    HEARTH_TRY(const std::vector<Value> pair, collect(runtime, separators));
    if (pair.size() != 2 || !pair[0].isText() || !pair[1].isText())
        return templateError("tojson(): 'separators' must be a pair of strings");
    style.itemSeparator = textOf(pair[0]);
    style.keySeparator = textOf(pair[1]);
    return style;
}

Result<std::string> toJson(Runtime& runtime, const Value& value, const JsonStyle& style) {
    JsonWriter writer(runtime, style);
    HEARTH_CHECK(writer.write(value));
    return writer.take();
}

} // namespace hearth::jinja
