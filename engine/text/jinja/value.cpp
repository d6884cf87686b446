#include "engine/text/jinja/value.h"

#include "engine/text/jinja/objects.h"

#include <algorithm>
#include <utility>

namespace hearth::jinja {
namespace {

std::int32_t nestingOf(const std::vector<Value>& items) {
    std::int32_t deepest = 0;
    for (const Value& item : items)
        if (item.is(Kind::Tuple))
            deepest = std::max(deepest, item.as<Tuple>().nesting);
    return deepest + 1;
}

} // namespace

Tuple::Tuple(std::vector<Value> values, bool isGroup)
    : Object(kKind), items(std::move(values)), group(isGroup), nesting(nestingOf(items)) {}

std::string_view typeName(const Value& value) {
    switch (value.kind()) {
    case Kind::Missing:
    case Kind::Undefined:
        return "Undefined";
    case Kind::None:
        return "NoneType";
    case Kind::Boolean:
        return "bool";
    case Kind::Integer:
        return "int";
    case Kind::Float:
        return "float";
    case Kind::Text:
        return value.as<Text>().markup ? "Markup" : "str";
    case Kind::List:
        return "list";
    case Kind::Tuple:
        return "tuple";
    case Kind::Dict:
        return "dict";
    case Kind::DictView: {
        const DictView::Part part = value.as<DictView>().part;
        return part == DictView::Part::Keys     ? "dict_keys"
               : part == DictView::Part::Values ? "dict_values"
                                                : "dict_items";
    }
    case Kind::Range:
        return "range";
    case Kind::Iterator:
        return value.as<Iterator>().pythonName;
    case Kind::Namespace:
        return "Namespace";
    case Kind::Function:
        return "function";
    case Kind::Macro:
        return "Macro";
    case Kind::Loop:
        return "LoopContext";
    case Kind::Cycler:
        return "Cycler";
    case Kind::Joiner:
        return "Joiner";
    case Kind::Activation:
        return "frame";
    }
    return "object";
}

} // namespace hearth::jinja
