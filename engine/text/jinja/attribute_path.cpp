#include "engine/text/jinja/attribute_path.h"

#include "engine/text/jinja/literals.h"
#include "engine/text/jinja/unicode.h"

#include <algorithm>
#include <string_view>

namespace hearth::jinja {
namespace {

Value partOf(Runtime& runtime, std::string_view part) {
    Integer index = 0;
    return parseDigits(part, 10, index) ? Value::integer(index) : runtime.text(std::string(part));
}

} // namespace

AttributePath::AttributePath(Runtime& runtime, const Value& attribute, Value fallback)
    : m_fallback(std::move(fallback)) {
    if (attribute.isNone())
        return;
    if (!attribute.isText()) {
        m_parts.push_back(attribute);
        return;
    }
    std::string_view rest = textOf(attribute);
    while (true) {
        const std::size_t dot = rest.find('.');
        m_parts.push_back(partOf(runtime, rest.substr(0, dot)));
        if (dot == std::string_view::npos)
            break;
        rest.remove_prefix(dot + 1);
    }
}

Result<Value> AttributePath::follow(Runtime& runtime, const Value& item) const {
    Value value = item;
    for (const Value& part : m_parts) {
        HEARTH_TRY(value, getItem(runtime, value, part));
        if (value.isUndefined() && !m_fallback.isNone())
            value = m_fallback;
    }
    return value;
}

Value withoutCase(Runtime& runtime, const Value& value) {
    return value.isText() ? runtime.text(toLower(textOf(value))) : value;
}

// A merge sort of our own: comparing may fail, and values may contradict themselves (NaN).
Status sortByKey(Runtime& runtime, std::vector<Keyed>& items, bool descending) {
    if (descending)
        std::reverse(items.begin(), items.end());
    std::vector<Keyed> merged(items.size());
    for (std::size_t width = 1; width < items.size(); width *= 2) {
        for (std::size_t start = 0; start < items.size(); start += 2 * width) {
            const std::size_t middle = std::min(start + width, items.size());
            const std::size_t end = std::min(start + 2 * width, items.size());
            std::size_t left = start;
            std::size_t right = middle;
            for (std::size_t target = start; target < end; ++target) {
                bool takeRight = left == middle;
                if (!takeRight && right < end) {
                    HEARTH_TRY(const int result, order(runtime, items[right].key, items[left].key, "<"));
                    takeRight = result == -1;
                }
                merged[target] = std::move(items[takeRight ? right++ : left++]);
            }
        }
        items.swap(merged);
    }
    if (descending)
        std::reverse(items.begin(), items.end());
    return {};
}

} // namespace hearth::jinja
