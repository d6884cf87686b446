#include "engine/text/jinja/frames.h"
#include "engine/text/jinja/numbers.h"
#include "engine/text/jinja/operations.h"
#include "engine/text/jinja/unicode.h"

namespace hearth::jinja {
namespace {

void appendHex(std::string& output, char32_t codePoint, unsigned digits) {
    for (unsigned digit = digits; digit-- > 0;)
        output += "0123456789abcdef"[(codePoint >> (4 * digit)) & 0xFU];
}

void appendEscaped(std::string& output, char32_t codePoint) {
    switch (codePoint) {
    case '\n':
        output += "\\n";
        return;
    case '\r':
        output += "\\r";
        return;
    case '\t':
        output += "\\t";
        return;
    default:
        break;
    }
    output += codePoint < 0x100 ? "\\x" : codePoint < 0x10000 ? "\\u" : "\\U";
    appendHex(output, codePoint, codePoint < 0x100 ? 2 : codePoint < 0x10000 ? 4 : 8);
}

Status appendItems(Runtime& runtime, const std::vector<Value>& items, std::string& output) {
    bool first = true;
    for (const Value& item : items) {
        output += first ? "" : ", ";
        first = false;
        HEARTH_CHECK(appendRepr(runtime, item, output));
    }
    return {};
}

Status appendDict(Runtime& runtime, const Dict& dict, std::string& output) {
    output += '{';
    bool first = true;
    for (const Dict::Entry& entry : dict.entries()) {
        output += first ? "" : ", ";
        first = false;
        HEARTH_CHECK(appendRepr(runtime, entry.key, output));
        output += ": ";
        HEARTH_CHECK(appendRepr(runtime, entry.value, output));
    }
    output += '}';
    return {};
}

Status appendView(Runtime& runtime, const Value& view, std::string& output) {
    output += typeName(view);
    output += "([";
    HEARTH_TRY(const std::vector<Value> items, collect(runtime, view));
    HEARTH_CHECK(appendItems(runtime, items, output));
    output += "])";
    return {};
}

void appendRange(const Range& range, std::string& output) {
    output += "range(" + integerText(range.start) + ", " + integerText(range.stop);
    if (range.step != 1)
        output += ", " + integerText(range.step);
    output += ')';
}

void appendMacro(const Macro& macro, std::string& output) {
    output += "<Macro ";
    if (macro.function.name.empty())
        output += "anonymous";
    else
        appendQuoted(macro.function.name, output);
    output += '>';
}

Status appendObject(Runtime& runtime, const Value& value, std::string& output) {
    const DepthScope depth(runtime);
    HEARTH_CHECK(depth.check());
    switch (value.kind()) {
    case Kind::List:
        output += '[';
        HEARTH_CHECK(appendItems(runtime, value.as<List>().items, output));
        output += ']';
        return {};
    case Kind::Tuple:
        output += '(';
        HEARTH_CHECK(appendItems(runtime, value.as<Tuple>().items, output));
        output += value.as<Tuple>().items.size() == 1 ? ",)" : ")";
        return {};
    case Kind::Dict:
        return appendDict(runtime, value.as<Dict>(), output);
    case Kind::DictView:
        return appendView(runtime, value, output);
    case Kind::Namespace:
        output += "<Namespace ";
        HEARTH_CHECK(appendRepr(runtime, value.as<Namespace>().attributes, output));
        output += '>';
        return {};
    case Kind::Loop: {
        HEARTH_TRY(const Integer length, value.as<Loop>().length(runtime));
        output += "<LoopContext " + integerText(value.as<Loop>().index()) + "/" + integerText(length) + ">";
        return {};
    }
    default:
        return wrongType("cannot print", value);
    }
}

} // namespace

void appendQuoted(std::string_view text, std::string& output) {
    const bool doubleQuotes = text.find('\'') != std::string_view::npos && text.find('"') == std::string_view::npos;
    const char quote = doubleQuotes ? '"' : '\'';
    output += quote;
    for (std::size_t offset = 0; offset < text.size();) {
        const std::size_t start = offset;
        const char32_t codePoint = decodeAt(text, offset);
        if (codePoint == static_cast<char32_t>(quote) || codePoint == '\\') {
            output += '\\';
            output += static_cast<char>(codePoint);
        } else if (isPrintable(codePoint)) {
            output += text.substr(start, offset - start);
        } else {
            appendEscaped(output, codePoint);
        }
    }
    output += quote;
}

Status appendRepr(Runtime& runtime, const Value& value, std::string& output) {
    HEARTH_CHECK(runtime.step());
    HEARTH_CHECK(runtime.afford(output.size()));
    switch (value.kind()) {
    case Kind::Text: {
        HEARTH_CHECK(runtime.afford(textOf(value).size(), 4));
        const bool markup = value.as<Text>().markup;
        output += markup ? "Markup(" : "";
        appendQuoted(textOf(value), output);
        output += markup ? ")" : "";
        return {};
    }
    case Kind::Undefined:
        output += "Undefined";
        return {};
    default:
        return appendText(runtime, value, output);
    }
}

Status appendText(Runtime& runtime, const Value& value, std::string& output) {
    switch (value.kind()) {
    case Kind::Missing:
    case Kind::Undefined:
        return {};
    case Kind::None:
        output += "None";
        return {};
    case Kind::Boolean:
        output += value.asBoolean() ? "True" : "False";
        return {};
    case Kind::Integer:
        output += integerText(value.asInteger());
        return {};
    case Kind::Float:
        output += floatText(value.asReal());
        return {};
    case Kind::Text:
        output += textOf(value);
        return {};
    case Kind::Range:
        appendRange(value.as<Range>(), output);
        return {};
    case Kind::Iterator:
        output += "<" + std::string(value.as<Iterator>().pythonName) + " object>";
        return {};
    case Kind::Function:
        output += "<function " + std::string(value.as<Function>().name) + ">";
        return {};
    case Kind::Macro:
        appendMacro(value.as<Macro>(), output);
        return {};
    case Kind::Cycler:
    case Kind::Joiner:
    case Kind::Activation:
        output += "<" + std::string(typeName(value)) + " object>";
        return {};
    default:
        return appendObject(runtime, value, output);
    }
}

Result<std::string> toText(Runtime& runtime, const Value& value) {
    if (value.isText())
        return textOf(value);
    std::string text;
    HEARTH_CHECK(appendText(runtime, value, text));
    return text;
}

} // namespace hearth::jinja
